/** What of the contacts is shown. */
export interface ContactFilter {
  q?: string;
  kind?: "person" | "organisation";
  /** A category's id, or "none". */
  category?: string;
  country?: string;
}

/** The filter as it stands in an address. */
export function asFilter(search: { readonly [name: string]: unknown }): ContactFilter {
  const text = (name: string) =>
    typeof search[name] === "string" && search[name] !== "" ? search[name] : undefined;
  const [q, category, country] = [text("q"), text("category"), text("country")];
  const kind = search.kind === "person" || search.kind === "organisation" ? search.kind : undefined;
  return {
    ...(q !== undefined && { q }),
    ...(kind !== undefined && { kind }),
    ...(category !== undefined && { category }),
    ...(country !== undefined && { country }),
  };
}
