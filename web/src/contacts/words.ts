import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { ContactFieldKind } from "../api/types";
import type { Part } from "./merge";

/** What fields hold, in words. */
export const fieldNames: { [K in ContactFieldKind]: MessageDescriptor } = {
  phone: msg`Telephone`,
  email: msg`E-mail`,
  wechat: msg`WeChat`,
  address: msg`Address`,
  birth_place: msg`Place of birth`,
  field_of_work: msg`Field of work`,
  other: msg`Other`,
};

/** The parts of a contact, in words. */
export const partNames: { [P in Part]: MessageDescriptor } = {
  kind: msg`Type`,
  name: msg`Name`,
  nameLatin: msg`Name in Latin letters`,
  aliases: msg`Other names`,
  title: msg`Job title`,
  organisation: msg`Organisation`,
  categories: msg`Categories`,
  country: msg`Country or region`,
  city: msg`City`,
  station: msg`Station`,
  language: msg`Language`,
  timeZone: msg`Time zone`,
  notes: msg`Notes`,
  fields: msg`Details`,
};
