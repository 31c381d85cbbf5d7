import { offsetName, zoneName } from "../time/format";
import { distinctZones } from "../time/zones";

const common = [
  "Asia/Shanghai",
  "Asia/Tokyo",
  "Asia/Singapore",
  "Asia/Almaty",
  "Asia/Dubai",
  "Europe/Moscow",
  "Africa/Nairobi",
  "Europe/Berlin",
  "Europe/London",
  "UTC",
  "America/New_York",
  "America/Los_Angeles",
  "Australia/Sydney",
];

/** Every zone to choose from: the common ones first, each with its offset and its name. */
export function zoneOptions(current: string, language: "zh-CN" | "en"): { value: string; label: string }[] {
  const all = Intl.supportedValuesOf("timeZone");
  return distinctZones([current, ...common, ...all]).map((zone) => ({
    value: zone,
    label: `${zoneName(zone, language)} (${offsetName(zone)}) ${zone}`,
  }));
}
