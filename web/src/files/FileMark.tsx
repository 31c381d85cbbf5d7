import {
  File,
  FileArchive,
  FileImage,
  FileMusic,
  FileSpreadsheet,
  FileText,
  FileVideo,
  Presentation,
} from "lucide-react";

/** The sign of a file's kind: by its type where the server knows one, else by its name. */
export function FileMark({ name, type }: { name: string; type: string }) {
  const Icon = iconOf(name, type);
  return (
    <span className="flex size-11 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent">
      <Icon size={22} />
    </span>
  );
}

function iconOf(name: string, type: string) {
  const extension = name.toLowerCase().split(".").at(-1) ?? "";
  if (type.startsWith("image/")) return FileImage;
  if (type.startsWith("audio/")) return FileMusic;
  if (type.startsWith("video/")) return FileVideo;
  if (["xls", "xlsx", "csv", "et", "ods"].includes(extension)) return FileSpreadsheet;
  if (["ppt", "pptx", "dps", "odp"].includes(extension)) return Presentation;
  if (["zip", "rar", "7z", "gz", "tar"].includes(extension)) return FileArchive;
  if (["doc", "docx", "wps", "pdf", "txt", "md", "odt"].includes(extension)) return FileText;
  return File;
}
