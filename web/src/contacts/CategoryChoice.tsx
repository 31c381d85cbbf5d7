import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Check, Plus } from "lucide-react";
import { useState } from "react";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import type { Category } from "../api/types";
import { queries } from "../app/queries";
import { useSession } from "../app/session";
import { currentLanguage } from "../i18n/language";
import { Button } from "../ui/Button";
import { cx } from "../ui/cx";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { categoryName } from "./categories";
import { categoriesQuery } from "./queries";

interface Props {
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** Any number of categories; the staff add their own. */
export function CategoryChoice({ chosen, onChange }: Props) {
  const { t } = useLingui();
  const { account } = useSession();
  const categories = useQuery(categoriesQuery);
  const [adding, setAdding] = useState(false);
  const language = currentLanguage();
  const toggle = (id: string) =>
    onChange((chosen.includes(id) ? chosen.filter((c) => c !== id) : [...chosen, id]).sort());
  return (
    <div className="flex flex-wrap gap-2">
      {(categories.data ?? []).map((c) => (
        <Chip
          key={c.id}
          label={categoryName(c, language)}
          isOn={chosen.includes(c.id)}
          onToggle={() => toggle(c.id)}
        />
      ))}
      {account.role === "admin" || account.role === "staff" ? (
        <Button small look="plain" onPress={() => setAdding(true)}>
          <Plus size={16} />
          {t`New category…`}
        </Button>
      ) : null}
      {adding ? <NewCategory onClose={() => setAdding(false)} onMade={(c) => toggle(c.id)} /> : null}
    </div>
  );
}

function Chip({ label, isOn, onToggle }: { label: string; isOn: boolean; onToggle: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onToggle}
      className={cx(
        "inline-flex min-h-9 items-center gap-1.5 rounded-full border px-3.5 text-sm",
        isOn
          ? "border-accent bg-accent-soft font-medium text-accent"
          : "border-line-strong/60 hover:bg-sunken",
      )}
    >
      {isOn ? <Check size={15} /> : null}
      {label}
    </button>
  );
}

function NewCategory({ onClose, onMade }: { onClose: () => void; onMade: (category: Category) => void }) {
  const { t } = useLingui();
  const [zh, setZh] = useState("");
  const [en, setEn] = useState("");
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const save = async () => {
    setPending(true);
    try {
      const made = await call<Category>("POST", "/categories", { name_zh: zh, name_en: en });
      await queries.invalidateQueries({ queryKey: ["categories"] });
      onMade(made);
      onClose();
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, {}));
      setPending(false);
    }
  };
  const exists = problem?.code === "category_exists";
  const footer = (
    <Button
      look="primary"
      isPending={pending}
      isDisabled={zh.trim() === "" || en.trim() === ""}
      onPress={save}
    >
      {t`Add`}
    </Button>
  );
  return (
    <Dialog open onClose={onClose} title={t`New category`} footer={footer}>
      <div className="flex flex-col gap-4">
        <Field
          label={t`Name in Chinese`}
          value={zh}
          onChange={setZh}
          error={exists ? t`There is a category of this name.` : undefined}
          maxLength={50}
          isRequired
        />
        <Field label={t`Name in English`} value={en} onChange={setEn} maxLength={100} isRequired />
        {problem && !exists ? (
          <p role="alert" className="text-danger text-sm">{t`That did not work. Please try again.`}</p>
        ) : null}
      </div>
    </Dialog>
  );
}
