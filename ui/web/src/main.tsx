import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { App } from "./App";
import { fetchStatus, liveUrl } from "./api/client";
import { readBoot } from "./boot";
import { LiveProvider } from "./live/LiveContext";
import { LiveClient } from "./live/socket";
import { ErrorBoundary } from "./shell/ErrorBoundary";
import "./theme/styles";
import { cssVariables, theme } from "./theme/theme";

const { nonce, build, base } = readBoot(document);
setNonce(nonce);

const live = new LiveClient({ url: liveUrl(), build, fetchStatus });
live.start();

const schemes = localStorageColorSchemeManager({ key: "daymark-color-scheme" });
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <ErrorBoundary>
        <LiveProvider value={live}>
          <Router base={base}>
            <App />
          </Router>
        </LiveProvider>
      </ErrorBoundary>
    </MantineProvider>
  </StrictMode>,
);
