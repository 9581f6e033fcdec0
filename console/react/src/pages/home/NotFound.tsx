import { Button } from "@mantine/core";
import { Link } from "wouter";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { useWords } from "../../words";

export function NotFound() {
  const words = useWords();
  return (
    <Page title={words.home.not_found}>
      <Empty text={words.home.not_found_text}>
        <Button component={Link} href="/">
          {words.home.back}
        </Button>
      </Empty>
    </Page>
  );
}
