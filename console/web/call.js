// The page to call from: a line, a button, a keypad, and the words as they are said.
import { canChooseSpeaker, choose, chosen, devices, watchDevices } from "./audio/devices.js";
import { meterValue, MicrophoneError } from "./audio/sound.js";
import { BrowserCall } from "./call/browser_call.js";
import { element, notice } from "./element.js";
import { get } from "./http.js";
import { clock, named, t } from "./language.js";
import { explain, openPage } from "./page.js";
import { LiveTranscript } from "./transcript.js";

const at = (id) => document.getElementById(id);
const transcript = new LiveTranscript(at("words"), "caller");
let call = null;
let answeredAt = 0;
let muted = false;

const complain = (words, kind = "bad") => notice(at("trouble"), kind, words);
const status = (key) => (at("status").textContent = t(key));

function show(phase) {
  const busy = phase !== "idle";
  at("dial").hidden = busy;
  at("hang-up").hidden = at("mute").hidden = !busy;
  at("line").disabled = busy;
  for (const key of at("keypad").children) key.disabled = phase !== "talking";
  at("status").dataset.phase = phase;
  if (phase !== "talking") at("mine").value = at("theirs").value = 0;
}

function setMuted(wanted) {
  muted = wanted;
  call?.mute(muted);
  at("mute").classList.toggle("on", muted);
  at("mute").textContent = t(muted ? "call.unmute" : "call.mute");
}

function describe(error) {
  if (error instanceof MicrophoneError) return complain(t(`mic.${error.code}`, { detail: error.detail }));
  explain(error, complain);
}

async function dial() {
  complain("");
  transcript.clear();
  at("no-words").hidden = false;
  show("connecting");
  at("hang-up").focus(); // the button that was pressed is gone
  status("call.asking");
  setMuted(false);
  const mine = (call = new BrowserCall({
    ready: (message) => {
      answeredAt = performance.now();
      show("talking");
      status("call.talking");
      at("about").textContent = t("call.recognizer", { engine: message.recognizer, language: named("language", message.language) });
      showDevices(); // with their names, which are told after the permission only
    },
    lost: () => {
      show("lost");
      status("call.lost");
    },
    resumed: () => {
      show("talking");
      status("call.talking");
    },
    transcript: (message) => {
      at("no-words").hidden = true;
      transcript.add(message);
    },
    level: (level) => (at("mine").value = meterValue(level)),
    heard: (level) => (at("theirs").value = meterValue(level)),
    slow: () => complain(t("call.slow"), "warn"),
    micLost: () => complain(t("mic.lost")),
    blocked: () => complain(t("mic.click"), "warn"),
    ended,
  }));
  try {
    await mine.start(at("line").value, () => status("call.connecting"));
  } catch (error) {
    if (call !== mine) return; // hung up meanwhile
    call = null;
    show("idle");
    status("call.idle");
    describe(error);
  }
}

function ended({ reason, refused, dropped }) {
  call = null;
  answeredAt = 0;
  show("idle");
  at("status").textContent = t("call.ended") + (reason ? `: ${named("reason", reason)}` : "");
  if (refused) complain(t("call.refused", { reason: refused }));
  else if (dropped) complain(t("call.dropped"));
  at("dial").focus();
}

const SELECTS = { audioinput: "microphone", audiooutput: "speaker" };

async function showDevices() {
  for (const [kind, id] of Object.entries(SELECTS)) {
    const found = await devices(kind);
    const wanted = chosen(kind);
    const option = ({ id, label }, n) => element("option", { value: id, selected: id === wanted }, label || t("call.device", { n: n + 1 }));
    at(id).replaceChildren(element("option", { value: "" }, t("call.device_default")), ...found.map(option));
  }
}

async function changeDevice(kind, id) {
  choose(kind, id);
  complain("");
  try {
    if (kind === "audioinput") await call?.changeMicrophone();
    else await call?.changeSpeaker();
  } catch (error) {
    describe(error);
  }
}

function press(digit) {
  call?.press(digit);
  const key = [...at("keypad").children].find((button) => button.textContent === digit);
  key.animate?.([{ opacity: 0.4 }, { opacity: 1 }], 200);
}

for (const digit of "123456789*0#") at("keypad").append(element("button", { type: "button", disabled: true, onclick: () => press(digit) }, digit));
at("dial").addEventListener("click", dial);
at("hang-up").addEventListener("click", () => call?.hangUp());
at("mute").addEventListener("click", () => setMuted(!muted));
document.addEventListener("keydown", (event) => {
  const free = !event.ctrlKey && !event.altKey && !event.metaKey && !event.repeat;
  if (at("status").dataset.phase === "talking" && free && !event.target.closest("select") && /^[0-9*#]$/.test(event.key)) press(event.key);
});
for (const [kind, id] of Object.entries(SELECTS)) at(id).addEventListener("change", ({ target }) => changeDevice(kind, target.value));
at("speaker-choice").hidden = !canChooseSpeaker;
watchDevices(showDevices);
setInterval(() => answeredAt && (at("clock").textContent = clock(performance.now() - answeredAt)), 250);
addEventListener("pagehide", () => call?.hangUp());

try {
  await openPage();
  await showDevices();
  const lines = await get("/api/lines");
  at("line").replaceChildren(...lines.map((line) => element("option", { value: line.id }, `${line.title} (${named("language", line.language)})`)));
  at("dial").disabled = lines.length === 0;
  if (!lines.length) complain(t("call.no_lines"), "warn");
} catch (error) {
  if (error.status === 401) {
    notice(at("trouble"), "info", "");
    at("trouble").hidden = false;
    at("trouble").append(element("span", {}, t("call.sign_in"), " ", element("a", { href: "/signin?next=/call" }, t("nav.sign_in"))));
  } else explain(error, complain);
}
