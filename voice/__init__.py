"""Sound to words and words to sound.

Its public face, by module (nothing is imported here, so that worker processes load only what they use):

- `voice.audio`, `voice.g711`: sound formats, sample rates, levels.
- `voice.models`: the speech models on this machine (`ModelStore`) and who listens to a language (`choose_engine`).
- `voice.listening`: recognizers in worker processes (`workers.Recognizers`) and a caller's ear (`listener.Listener`).
- `voice.speaking`: synthesizers and the prompts they make.
"""
