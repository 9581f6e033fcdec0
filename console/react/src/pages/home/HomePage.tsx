import { SimpleGrid, Text, Title } from "@mantine/core";
import { Link } from "wouter";
import { may, useMe } from "../../api/me";
import { OTHER_PAGES, PAGES } from "../../routes";
import { Page } from "../../ui/Page";
import { useWords } from "../../words";
import classes from "./HomePage.module.css";

/** The doors that are open to who is signed in. */
export default function HomePage() {
  const words = useWords();
  const me = useMe();
  return (
    <Page title={words.home.title(me.display_name)} lead={words.home.lead}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {PAGES.filter((page) => page.about && may(me, page.roles)).map((page) => (
          <Link key={page.path} href={page.path} className={`card ${classes.door}`}>
            <Door title={page.title(words)} text={page.about?.(words) ?? ""} />
          </Link>
        ))}
        {OTHER_PAGES.filter((page) => may(me, page.roles)).map((page) => (
          <a key={page.path} href={page.path} className={`card ${classes.door}`}>
            <Door title={page.title(words)} text={page.about?.(words) ?? ""} />
          </a>
        ))}
      </SimpleGrid>
    </Page>
  );
}

function Door({ title, text }: { title: string; text: string }) {
  return (
    <>
      <Title order={2} size="h4" className={classes.title}>
        {title}
      </Title>
      <Text c="dimmed">{text}</Text>
    </>
  );
}
