package schedule

import (
	"fmt"
	"strings"
	"time"
)

// zoneNameZH names the clock of a zone in Chinese, "" when it has no name here.
func zoneNameZH(zone string) string {
	switch zone {
	case "Asia/Shanghai":
		return "北京"
	case "Asia/Hong_Kong":
		return "香港"
	case "Asia/Macau":
		return "澳门"
	case "Asia/Taipei":
		return "台北"
	case "Asia/Tokyo":
		return "东京"
	case "Asia/Seoul":
		return "首尔"
	case "Asia/Singapore":
		return "新加坡"
	case "Asia/Kuala_Lumpur":
		return "吉隆坡"
	case "Asia/Bangkok":
		return "曼谷"
	case "Asia/Jakarta":
		return "雅加达"
	case "Asia/Manila":
		return "马尼拉"
	case "Asia/Ho_Chi_Minh":
		return "胡志明市"
	case "Asia/Phnom_Penh":
		return "金边"
	case "Asia/Yangon":
		return "仰光"
	case "Asia/Karachi":
		return "卡拉奇"
	case "Asia/Kolkata":
		return "印度"
	case "Asia/Kathmandu":
		return "加德满都"
	case "Asia/Tashkent":
		return "塔什干"
	case "Asia/Almaty":
		return "阿拉木图"
	case "Asia/Bishkek":
		return "比什凯克"
	case "Asia/Dubai":
		return "迪拜"
	case "Asia/Riyadh":
		return "利雅得"
	case "Asia/Yerevan":
		return "埃里温"
	}
	return zoneNameFarZH(zone)
}

func zoneNameFarZH(zone string) string {
	switch zone {
	case "Europe/London":
		return "伦敦"
	case "Europe/Paris":
		return "巴黎"
	case "Europe/Berlin":
		return "柏林"
	case "Europe/Rome":
		return "罗马"
	case "Europe/Madrid":
		return "马德里"
	case "Europe/Vienna":
		return "维也纳"
	case "Europe/Budapest":
		return "布达佩斯"
	case "Europe/Warsaw":
		return "华沙"
	case "Europe/Moscow":
		return "莫斯科"
	case "Europe/Istanbul":
		return "伊斯坦布尔"
	case "Africa/Cairo":
		return "开罗"
	case "Africa/Nairobi":
		return "内罗毕"
	case "Africa/Lagos":
		return "拉各斯"
	case "Africa/Johannesburg":
		return "约翰内斯堡"
	case "America/New_York":
		return "纽约"
	case "America/Chicago":
		return "芝加哥"
	case "America/Los_Angeles":
		return "洛杉矶"
	case "America/Toronto":
		return "多伦多"
	case "America/Vancouver":
		return "温哥华"
	case "America/Mexico_City":
		return "墨西哥城"
	case "America/Sao_Paulo":
		return "圣保罗"
	case "America/Argentina/Buenos_Aires":
		return "布宜诺斯艾利斯"
	case "Australia/Sydney":
		return "悉尼"
	case "Australia/Melbourne":
		return "墨尔本"
	case "Pacific/Auckland":
		return "奥克兰"
	}
	return ""
}

// zoneName names the clock of a zone.
func zoneName(zone, language string) string {
	if language == "zh-CN" {
		if zh := zoneNameZH(zone); zh != "" {
			return zh + "时间"
		}
	}
	city := zone[strings.LastIndexByte(zone, '/')+1:]
	if zone == "Asia/Shanghai" {
		city = "Beijing"
	}
	city = strings.ReplaceAll(city, "_", " ")
	if language == "zh-CN" {
		return city + " 时间"
	}
	return city + " time"
}

// offset writes a moment's distance from UTC.
func offset(t time.Time) string {
	_, seconds := t.Zone()
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	if minutes := seconds / 60 % 60; minutes != 0 {
		return fmt.Sprintf("UTC%c%d:%02d", sign, seconds/3600, minutes)
	}
	return fmt.Sprintf("UTC%c%d", sign, seconds/3600)
}

// Span writes when a meeting is on one clock, and whose clock that is.
func Span(starts, ends time.Time, loc *time.Location, language string) string {
	from, to := starts.In(loc), ends.In(loc)
	sameDay := from.YearDay() == to.YearDay() && from.Year() == to.Year()
	until := to.Format("15:04")
	if !sameDay {
		until = day(to, language) + " " + until
	}
	if language == "zh-CN" {
		return fmt.Sprintf("%s %s—%s（%s，%s）", day(from, language), from.Format("15:04"), until, zoneName(loc.String(), language), offset(from))
	}
	return fmt.Sprintf("%s, %s – %s (%s, %s)", day(from, language), from.Format("15:04"), until, zoneName(loc.String(), language), offset(from))
}

// day writes a date with its weekday.
func day(t time.Time, language string) string {
	if language == "zh-CN" {
		return fmt.Sprintf("%d年%d月%d日（星期%s）", t.Year(), t.Month(), t.Day(), []string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()])
	}
	return t.Format("Monday, 2 January 2006")
}
