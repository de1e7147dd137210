/**
 * The content of the last `\boxed{...}` (or `\fbox{...}`) with balanced braces; `\boxed x` runs to the next
 * `$` or the end, as in the MATH harnesses. An escaped brace does not count. Null without a complete box.
 */
export function extractBoxed(text: string): string | null {
  const at = text.lastIndexOf('\\boxed');
  const start = at >= 0 ? at : text.lastIndexOf('\\fbox');
  if (start < 0) return null;
  const rest = text.slice(start + (at >= 0 ? '\\boxed'.length : '\\fbox'.length));
  if (rest.startsWith(' ')) {
    const bare = rest.slice(1).split('$')[0]!;
    return bare === '' ? null : bare;
  }
  if (!rest.startsWith('{')) return null;
  return balancedGroup(rest);
}

/** Content of the brace group that `text` starts with, or null when it never closes. */
function balancedGroup(text: string): string | null {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') {
      i++;
      continue;
    }
    if (text[i] === '{') depth++;
    if (text[i] === '}') depth--;
    if (depth === 0) return text.slice(1, i);
  }
  return null;
}
