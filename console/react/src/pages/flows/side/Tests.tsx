import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, data } from "../../../api/client";
import { Tag } from "../../../ui/Tag";
import { Trouble } from "../../../ui/Trouble";
import { useWords } from "../../../words";
import classes from "./side.module.css";

interface Failure {
  line: number;
  message: string;
}
interface Report {
  passed: boolean;
  tests: { name: string; line: number; passed: boolean; failures: Failure[] }[];
  coverage: { percent: number; missed: { line: number; what: string }[] };
}

interface Props {
  id: string;
  text: string;
  errors: number;
  goTo: (line: number) => void;
  /** The name of a test that was written just now: all are carried out at once, and it stands first; '' for none. */
  saved: string;
}

/** The flowbook's own tests, carried out with the text as it is now. */
export function Tests({ id, text, errors, goTo, saved }: Props) {
  const words = useWords();
  const run = useMutation({
    mutationFn: async () => (await data(api.POST("/api/flowbooks/{flowbook}/tests", { params: { path: { flowbook: id } }, body: { text } }))) as unknown as Report,
  });
  const { mutate } = run;
  const begun = useRef("");
  useEffect(() => {
    if (saved && begun.current !== saved) mutate();
    begun.current = saved;
  }, [saved, mutate]);
  const report = run.data;
  const order = (one: { passed: boolean; name: string }) => Number(one.passed) - Number(one.name === saved && one.passed) / 2;
  const line = (at: number) => (
    <Anchor component="button" type="button" size="sm" onClick={() => goTo(at)}>
      {words.flows.line(at)}
    </Anchor>
  );
  return (
    <Stack gap="sm" className={classes.side}>
      <Group justify="space-between">
        <Text c="dimmed" size="sm" flex={1}>
          {words.flows.tests_text}
        </Text>
        <Button size="xs" disabled={errors > 0} loading={run.isPending} onClick={() => run.mutate()}>
          {words.flows.tests_run}
        </Button>
      </Group>
      {saved && <Text size="sm">{words.flows.test_saved(saved)}</Text>}
      <Trouble error={run.error} />
      {report && (
        <>
          <Text fw={600} role="status">
            {words.flows.tests_passed(report.tests.filter((one) => one.passed).length, report.tests.length)} · {words.flows.coverage(report.coverage.percent)}
          </Text>
          <ul className={classes.list}>
            {[...report.tests].sort((a, b) => order(a) - order(b)).map((one) => (
              <li key={`${one.line} ${one.name}`}>
                <Group gap="xs">
                  <Tag tone={one.passed ? "good" : "bad"}>{one.passed ? words.flows.passed_test : words.flows.failed_test}</Tag>
                  <Text size="sm" flex={1}>{one.name}</Text>
                  {line(one.line)}
                </Group>
                {one.failures.map((failure) => (
                  <Text key={failure.message} size="sm" c="var(--mantine-color-error)">
                    {failure.message}
                  </Text>
                ))}
              </li>
            ))}
          </ul>
          {report.coverage.missed.length > 0 && (
            <details>
              <summary>{words.flows.missed(report.coverage.missed.length)}</summary>
              <ul className={classes.list}>
                {report.coverage.missed.map((one) => (
                  <li key={one.what}>
                    <Text size="sm" span>{one.what}</Text> {line(one.line)}
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
    </Stack>
  );
}
