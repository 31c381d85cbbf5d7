import type { ReactNode } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextArea } from "react-aria-components/TextArea";
import { TextField, type TextFieldProps } from "react-aria-components/TextField";
import { cx } from "./cx";

interface Props extends Omit<TextFieldProps, "children" | "className" | "style"> {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  rows?: number;
  placeholder?: string;
  hideLabel?: boolean;
  className?: string;
}

/** A labelled text field; an error names what is wrong and is read with the field. */
export function Field({ label, hint, error, rows, placeholder, hideLabel, className, ...rest }: Props) {
  return (
    <TextField
      {...rest}
      isInvalid={error !== undefined}
      // A field that the server refused must not keep the browser from sending the form again.
      validationBehavior={error === undefined ? "native" : "aria"}
      className={cx("flex flex-col gap-1.5", className)}
    >
      <Label className={cx("text-sm font-medium text-ink-soft", hideLabel && "sr-only")}>{label}</Label>
      {rows ? (
        <TextArea
          rows={rows}
          {...(placeholder && { placeholder })}
          className="field-box resize-y data-[invalid]:border-danger"
        />
      ) : (
        <Input {...(placeholder && { placeholder })} className="field-box data-[invalid]:border-danger" />
      )}
      {hint && error === undefined ? (
        <Text slot="description" className="text-sm text-ink-faint">
          {hint}
        </Text>
      ) : null}
      <FieldError className="text-sm text-danger">{error}</FieldError>
    </TextField>
  );
}
