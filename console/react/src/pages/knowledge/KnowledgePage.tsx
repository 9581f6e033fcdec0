import { Button, Menu, Tabs } from "@mantine/core";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { Icon } from "../../ui/Icon";
import { Page } from "../../ui/Page";
import { useWords } from "../../words";
import { ArticleList } from "./ArticleList";
import { Coverage } from "./Coverage";
import { FORMS } from "./forms";
import { Importing } from "./Importing";
import { ReviewList } from "./ReviewList";

const TABS = ["articles", "review", "coverage"] as const;

/** What the bot may say: the articles, what callers asked in vain, and how much of what they ask is answered. */
export default function KnowledgePage() {
  const words = useWords();
  const [params, setParams] = useSearchParams();
  const [importing, setImporting] = useState(false);
  const tab = TABS.find((one) => one === params.get("tab")) ?? "articles";
  return (
    <Page
      title={words.knowledge.title}
      lead={words.knowledge.about}
      actions={
        <>
          <Button variant="default" onClick={() => setImporting(true)}>
            {words.knowledge.import}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default">{words.knowledge.export}</Button>
            </Menu.Target>
            <Menu.Dropdown>
              {FORMS.map((form) => (
                <Menu.Item key={form} component="a" href={`/api/articles/export?form=${form}`} download={`articles.${form === "markdown" ? "md" : form.replace("-ld", "")}`}>
                  {words.knowledge.forms[form]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <Button component={Link} href="/knowledge/new" leftSection={<Icon name="plus" size={18} />}>
            {words.knowledge.new}
          </Button>
        </>
      }
    >
      <Tabs value={tab} onChange={(chosen) => setParams(chosen && chosen !== "articles" ? { tab: chosen } : {})} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="articles">{words.knowledge.articles}</Tabs.Tab>
          <Tabs.Tab value="review">{words.knowledge.review}</Tabs.Tab>
          <Tabs.Tab value="coverage">{words.knowledge.coverage}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="articles">
          <ArticleList />
        </Tabs.Panel>
        <Tabs.Panel value="review">
          <ReviewList />
        </Tabs.Panel>
        <Tabs.Panel value="coverage">
          <Coverage />
        </Tabs.Panel>
      </Tabs>
      {importing && <Importing close={() => setImporting(false)} />}
    </Page>
  );
}
