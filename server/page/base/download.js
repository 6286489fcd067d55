/** Files that the server makes, saved where the browser puts downloads. */

import { call } from "./api.js";
import { el } from "./dom.js";

/** Downloads what a path gives, named as the server names it. */
export async function download(path) {
  const response = await call("GET", path);
  const [, name] = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition")) ?? [];
  const address = URL.createObjectURL(await response.blob());
  const link = el("a", { download: decodeURIComponent(name ?? "pincite") });
  link.href = address;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
