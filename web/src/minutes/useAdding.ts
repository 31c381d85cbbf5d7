import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { queries } from "../app/queries";
import { toast } from "../ui/toast";
import { addBlock } from "./addBlock";
import type { Content } from "./blocks";

/** Adds blocks, and knows the one just added: its field is where writing goes on. */
export function useAdding(minutes: string) {
  const { t } = useLingui();
  const [added, setAdded] = useState<string>();
  const add = async (content: Content, after?: string): Promise<boolean> => {
    try {
      setAdded((await addBlock(minutes, content, after)).id);
    } catch {
      toast(t`That did not work. Try again.`, { tone: "danger" });
      return false;
    }
    await queries.invalidateQueries({ queryKey: ["minutes", minutes] });
    return true;
  };
  return { added, add };
}
