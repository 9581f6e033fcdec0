import { Alert, Button, Stack } from "@mantine/core";
import { saidOf } from "../api/errors";
import { useWords } from "../words";

/** Says what went wrong and what to do. again: tries once more. Nothing where there is no error. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const words = useWords();
  if (!error) return null;
  return (
    <Alert color="red" role="alert" title={words.errors.title} variant="light">
      <Stack gap="sm" align="flex-start">
        {saidOf(error, words)}
        {again && (
          <Button size="xs" variant="default" onClick={again}>
            {words.errors.again}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
