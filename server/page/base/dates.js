/** Dates for people. */

import { el } from "./dom.js";

const LANGUAGE = "en-GB";
const DAY = 86_400_000;
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });

/** A date such as "4 Mar 2019", of an ISO date or moment. */
export function day(iso) {
  const timeZone = iso.length === 10 ? "UTC" : undefined; // a date without a time is of no zone
  return new Date(iso).toLocaleDateString(LANGUAGE, { dateStyle: "medium", timeZone });
}

/** A moment as "today", "2 days ago", or its date; the whole of it where it is pointed at. */
export function ago(iso) {
  const moment = new Date(iso);
  const days = Math.round((new Date(moment).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / DAY);
  const title = moment.toLocaleString(LANGUAGE, { dateStyle: "full", timeStyle: "short" });
  return el("time", { datetime: iso, title }, Math.abs(days) < 7 ? relative.format(days, "day") : day(iso));
}
