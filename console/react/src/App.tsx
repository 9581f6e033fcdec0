import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Router } from "wouter";
import { leaveWhenSignedOut, worthRetrying } from "./api/errors";
import { SignedIn } from "./api/me";
import { styleNonce } from "./nonce";
import { Routes } from "./routes";
import { colors, theme } from "./theme";
import { ErrorBoundary } from "./ui/ErrorBoundary";
import { Frame } from "./ui/Frame";
import { LanguageProvider } from "./words";

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
  mutationCache: new MutationCache({ onError: leaveWhenSignedOut }),
  defaultOptions: { queries: { retry: worthRetrying, staleTime: 10_000 } },
});

/** Everything around the pages: language, colours, data, who is signed in, the frame. */
export function App() {
  return (
    <LanguageProvider>
      <MantineProvider theme={theme} cssVariablesResolver={colors} defaultColorScheme="auto" getStyleNonce={() => styleNonce}>
        <Notifications position="bottom-right" aria-live="polite" />
        <ErrorBoundary>
          <QueryClientProvider client={queries}>
            <Router base="/console">
              <SignedIn>
                <Frame>
                  <Routes />
                </Frame>
              </SignedIn>
            </Router>
          </QueryClientProvider>
        </ErrorBoundary>
      </MantineProvider>
    </LanguageProvider>
  );
}
