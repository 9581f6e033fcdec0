import { Alert, Button, Center, Code, Group, Stack, Text } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useWords } from "../words";

interface State {
  error: unknown;
  broken: boolean;
}

/** Keeps a page that broke from taking the others with it, and says what to do. key: a new one starts afresh. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null, broken: false };

  static getDerivedStateFromError(error: unknown): State {
    return { error, broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return <Broken error={this.state.error} retry={() => this.setState({ error: null, broken: false })} />;
  }
}

function Broken({ error, retry }: { error: unknown; retry: () => void }) {
  const words = useWords();
  // After an update the files that an open page would load by and by are gone.
  const outdated = /dynamically imported module|Importing a module script failed/.test(String(error));
  return (
    <Center p="xl">
      <Alert color="red" role="alert" maw="40rem" title={outdated ? words.errors.outdated_title : words.errors.broken_title}>
        <Stack gap="sm">
          <Text>{outdated ? words.errors.outdated : words.errors.broken_text}</Text>
          {!outdated && <Code block>{String(error)}</Code>}
          <Group>
            <Button onClick={() => location.reload()}>{words.errors.reload}</Button>
            {!outdated && (
              <Button variant="default" onClick={retry}>
                {words.errors.again}
              </Button>
            )}
          </Group>
        </Stack>
      </Alert>
    </Center>
  );
}
