// The page: GraphiQL, with the tutorial as a panel of its own.

import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

import "graphiql/graphiql.css";
import "./page.css";

import { fetcher } from "./fetcher.js";
import { keepsHeaders, lastPanel, notePanel, storage, useKeptHeaders } from "./kept.js";
import opening from "./opening.graphql";
import { tutorial } from "./tutorial.jsx";

const plugins = [tutorial];
const firstTabs = [{ query: opening }];
const panel = lastPanel(tutorial.title);

function Page() {
  useKeptHeaders();
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      plugins={plugins}
      visiblePlugin={panel}
      onTogglePluginVisibility={notePanel}
      defaultTabs={firstTabs}
      defaultQuery=""
      defaultEditorToolsVisibility="variables"
      shouldPersistHeaders={keepsHeaders}
    >
      <GraphiQL.Logo>
        <span className="foretell-logo">
          <img src="graphiql/favicon.svg" alt="" width="22" height="22" />
          Foretell
        </span>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

createRoot(document.getElementById("page")).render(<Page />);
