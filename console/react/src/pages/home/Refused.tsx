import { Button } from "@mantine/core";
import { Link } from "wouter";
import type { Role } from "../../api/me";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { useWords } from "../../words";

/** Who followed a link to a page that is for other roles. */
export function Refused({ roles }: { roles: readonly Role[] }) {
  const words = useWords();
  const names = roles.map((role) => words.roles[role].name).join(", ");
  return (
    <Page title={words.home.refused}>
      <Empty text={words.home.refused_text(names)}>
        <Button component={Link} href="/">
          {words.home.back}
        </Button>
      </Empty>
    </Page>
  );
}
