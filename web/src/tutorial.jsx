// The panel that lists the tutorial's examples; a click opens one in a tab, ready to run.

import { useEditorContext, useExecutionContext, useSchemaContext } from "@graphiql/react";
import examples from "foretell:examples";
import { useEffect, useState } from "react";

export const tutorial = { title: "Tutorial", icon: Icon, content: Panel };

function Icon(props) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" {...props}>
      <path d="M9.5 6H21M9.5 12H21M9.5 18H21" />
      <path d="M3 5.2 4.4 4.4V8M3 10.8c0-1.4 2.4-1.4 2.4 0 0 1-2.4 1.7-2.4 2.7h2.5M3.2 16.4h2l-1.1 1.3c1.8.1 1.5 2.2 0 2.2-.5 0-.9-.2-1.1-.5" strokeWidth="1.1" />
    </svg>
  );
}

function Panel() {
  const { open, isOpen } = useExamples();
  return (
    <section className="foretell-tutorial" aria-label="Tutorial">
      <div className="foretell-tutorial-title">Tutorial</div>
      <Unreadable />
      <p>
        A click opens an example in a tab; <kbd>Ctrl</kbd>-<kbd>Enter</kbd> runs it. They build on each other: run them
        in their order.
      </p>
      <ol>
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" aria-current={isOpen(example) || undefined} onClick={() => open(example)}>
              <span>
                <strong>{example.title}</strong>{" "}
                <span className={`foretell-kind foretell-${example.kind}`}>{example.kind}</span>
              </span>
              {example.text && <span className="foretell-text">{example.text}</span>}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What to do when the schema can't be read, which a server that wants a token doesn't give to everybody. */
function Unreadable() {
  const { fetchError, introspect } = useSchemaContext({ nonNull: true });
  const { headerEditor, updateActiveTabValues } = useEditorContext({ nonNull: true });
  if (!fetchError) return null;
  const again = () => {
    // GraphiQL asks with the headers of its last rendering, so they have to be rendered first.
    updateActiveTabValues({ headers: headerEditor.getValue() });
    setTimeout(introspect);
  };
  return (
    <div className="foretell-unreadable" role="alert">
      <p>
        The schema could not be read, so nothing is completed or checked. If the server wants a token, give it under{" "}
        <em>Headers</em>: <code>{'{"Authorization": "Bearer …"}'}</code>
      </p>
      <button type="button" className="graphiql-button" onClick={again}>
        Read it again
      </button>
    </div>
  );
}

function useExamples() {
  const [opening, setOpening] = useState(null);
  const { tabs, activeTabIndex, addTab, changeTab, ...editors } = useEditorContext({ nonNull: true });
  const { queryEditor, variableEditor, headerEditor, setOperationName } = editors;
  const { stop } = useExecutionContext({ nonNull: true });

  // The tab is shown only after the next rendering: then it is filled.
  useEffect(() => {
    if (opening?.index !== activeTabIndex) return;
    setOpening(null);
    if (opening.isNew) {
      queryEditor.setValue(opening.example.query);
      variableEditor.setValue(opening.example.variables);
      // GraphiQL reads the name off the query a moment later, too late for who runs it at once.
      setOperationName(opening.example.operation);
    }
    // A token given in one tab serves in the others.
    if (!headerEditor.getValue()) headerEditor.setValue(opening.headers);
  }, [opening, activeTabIndex, queryEditor, variableEditor, headerEditor, setOperationName]);

  const holds = (tab, example) => tab?.query?.trim() === example.query;
  return {
    isOpen: (example) => holds(tabs[activeTabIndex], example),
    open(example) {
      stop(); // as GraphiQL does before it changes tabs: a result belongs to the tab that asked
      const there = tabs.findIndex((tab) => holds(tab, example));
      const isNew = there < 0;
      // Not within the click: React would prefer it to updates that wait, and repeat it after them, which empties the tab.
      setTimeout(() => {
        setOpening({ example, isNew, index: isNew ? tabs.length : there, headers: headerEditor.getValue() });
        if (isNew) addTab();
        else changeTab(there);
      });
    },
  };
}
