import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import { ComboBox } from "react-aria-components/ComboBox";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { call, query } from "../api/client";
import type { ContactPage } from "../api/types";
import { useRested } from "../ui/useRested";
import type { Draft } from "./draft";

interface Props {
  value: Draft["organisation"];
  onChange: (organisation: Draft["organisation"]) => void;
  error: string | undefined;
}

/** An organisation of the address book, found while typing, or any other name. */
export function OrganisationField({ value, onChange, error }: Props) {
  const { t } = useLingui();
  const { text: wanted } = useRested(value.name);
  const found = useQuery({
    queryKey: ["contacts", "organisations", wanted],
    queryFn: ({ signal }) =>
      call<ContactPage>(
        "GET",
        `/contacts${query({ kind: "organisation", q: wanted, limit: 8 })}`,
        undefined,
        signal,
      ),
    enabled: wanted !== "" && value.id === "",
    placeholderData: (before) => before,
  });
  const items = value.id === "" ? (found.data?.items ?? []) : [];
  return (
    <ComboBox
      allowsCustomValue
      // What is found arrives later than what is typed: the list opens without it.
      allowsEmptyCollection
      inputValue={value.name}
      onInputChange={(name) => {
        if (name !== value.name) onChange({ id: "", name });
      }}
      items={items}
      onSelectionChange={(id) => {
        const chosen = items.find((o) => o.id === id);
        if (chosen) onChange({ id: chosen.id, name: chosen.name });
      }}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      className="flex flex-col gap-1.5"
    >
      <Label className="font-medium text-ink-soft text-sm">{t`Organisation`}</Label>
      <Input maxLength={200} className="field-box data-[invalid]:border-danger" />
      {value.id === "" ? null : (
        <p className="flex items-center gap-1.5 text-good text-sm">
          <Link2 size={14} />
          {t`Joined to its own record`}
        </p>
      )}
      <FieldError className="text-danger text-sm">{error}</FieldError>
      <Popover className="z-50 w-(--trigger-width) rounded-xl border border-line bg-surface p-1.5 text-ink shadow-lift outline-none">
        <ListBox
          className="max-h-72 overflow-y-auto outline-none"
          renderEmptyState={() => (
            <p className="px-3 py-2 text-ink-faint text-sm">
              {found.isFetching ? t`Searching…` : t`Not in the address book; the name is kept as text.`}
            </p>
          )}
        >
          {(o: (typeof items)[number]) => (
            <ListBoxItem
              id={o.id}
              textValue={o.name}
              className="min-h-10 cursor-pointer rounded-lg px-3 py-2 outline-none focus:bg-sunken data-[focused]:bg-sunken"
            >
              {o.name} <span className="text-ink-faint text-sm">{o.name_latin}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
