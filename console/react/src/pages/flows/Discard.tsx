import { api, data } from "../../api/client";
import { Sure } from "../../ui/Sure";
import { useWords } from "../../words";

/** Asks before a draft is thrown away. */
export function Discard({ id, serial, close, done }: { id: string; serial: number; close: () => void; done: () => void }) {
  const words = useWords();
  const act = async () => {
    await data(api.DELETE("/api/flowbooks/{flowbook}/draft", { params: { path: { flowbook: id }, query: { seen: serial } } }));
    done();
  };
  return <Sure title={words.flows.discard_title} text={words.flows.discard_text} go={words.flows.discard} act={act} close={close} harmful />;
}
