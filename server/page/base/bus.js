/**
 * What the parts tell each other:
 * `documents` the list changed; `scope` other documents are asked; `asked` an answer came into the
 * open conversation; `conversation` another is open, or none; `citations` those of the open
 * conversation, for marking; `shown` the source panel shows another document, or none.
 */
const bus = new EventTarget();

export function on(name, listener) {
  bus.addEventListener(name, (event) => listener(event.detail));
}

export function tell(name, detail = null) {
  bus.dispatchEvent(new CustomEvent(name, { detail }));
}
