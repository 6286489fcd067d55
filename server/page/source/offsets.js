/** Positions in a text: the server counts code points, a string UTF-16 units. */

/** `{points, toUnit(point), toPoint(unit)}` of a text; what is beyond its ends is taken for these. */
export function offsetsOf(text) {
  const pairs = new Uint32Array(text.length); // where, in code points, the characters of two units are
  let count = 0;
  for (let unit = 1; unit < text.length; unit++) {
    const isPair = (text.charCodeAt(unit) & 0xfc00) === 0xdc00 && (text.charCodeAt(unit - 1) & 0xfc00) === 0xd800;
    if (isPair) pairs[count] = unit - 1 - count++;
  }
  const points = text.length - count;
  return {
    points,
    toUnit(point) {
      const inside = Math.min(Math.max(point, 0), points);
      return inside + countWhile(count, (place) => pairs[place] < inside);
    },
    toPoint(unit) {
      const inside = Math.min(Math.max(unit, 0), text.length);
      return inside - countWhile(count, (place) => pairs[place] + place + 1 < inside);
    },
  };
}

/** How many of `length` places, from the first on, `holds(place)` for. */
export function countWhile(length, holds) {
  let low = 0;
  for (let high = length; low < high; ) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
