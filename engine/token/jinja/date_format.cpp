// strftime in UTC and English: a prompt must not change with the machine's locale.
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "engine/token/jinja/runtime.h"

namespace sotto::jinja {

namespace {

constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};

struct Date {
    std::int64_t year = 1970;
    int month = 1, day = 1, hour = 0, minute = 0, second = 0;
    int weekday = 0;  // 0: Sunday
    int dayOfYear = 1;
};

bool isLeap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// Civil date from days since 1970, in 400-year eras that begin on 1 March.
Date dateOf(std::int64_t seconds) {
    constexpr std::int64_t kDaySeconds = 86400, kEraDays = 146097;
    std::int64_t days = seconds / kDaySeconds;
    std::int64_t rest = seconds % kDaySeconds;
    if (rest < 0) {
        rest += kDaySeconds;
        --days;
    }
    Date date;
    date.hour = static_cast<int>(rest / 3600);
    date.minute = static_cast<int>(rest / 60 % 60);
    date.second = static_cast<int>(rest % 60);
    date.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
    const std::int64_t shifted = days + 719468;  // since 1 March of year 0
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - kEraDays + 1) / kEraDays;
    const std::int64_t dayOfEra = shifted - era * kEraDays;
    const std::int64_t yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const std::int64_t dayFromMarch =
        dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const std::int64_t monthFromMarch = (5 * dayFromMarch + 2) / 153;
    date.day = static_cast<int>(dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1);
    date.month = static_cast<int>(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9);
    date.year = yearOfEra + era * 400 + (date.month <= 2 ? 1 : 0);
    constexpr std::array<int, 12> kDaysBefore{0,   31,  59,  90,  120, 151,
                                              181, 212, 243, 273, 304, 334};
    date.dayOfYear = kDaysBefore[static_cast<std::size_t>(date.month - 1)] + date.day +
                     (date.month > 2 && isLeap(date.year) ? 1 : 0);
    return date;
}

std::string padded(std::int64_t number, int width, bool isPadded) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%0*lld", isPadded ? width : 1,
                  static_cast<long long>(number));
    return buffer;
}

std::string field(char letter, const Date& date, bool isPadded) {
    const std::string_view month = kMonths[static_cast<std::size_t>(date.month - 1)];
    const std::string_view day = kDays[static_cast<std::size_t>(date.weekday)];
    const int hour12 = date.hour % 12 == 0 ? 12 : date.hour % 12;
    switch (letter) {
        case 'Y': return padded(date.year, 4, isPadded);
        case 'y': return padded(date.year % 100, 2, isPadded);
        case 'm': return padded(date.month, 2, isPadded);
        case 'd': return padded(date.day, 2, isPadded);
        case 'e': return (isPadded && date.day < 10 ? " " : "") + std::to_string(date.day);
        case 'B': return std::string(month);
        case 'b':
        case 'h': return std::string(month.substr(0, 3));
        case 'A': return std::string(day);
        case 'a': return std::string(day.substr(0, 3));
        case 'H': return padded(date.hour, 2, isPadded);
        case 'I': return padded(hour12, 2, isPadded);
        case 'M': return padded(date.minute, 2, isPadded);
        case 'S': return padded(date.second, 2, isPadded);
        case 'f': return "000000";
        case 'p': return date.hour < 12 ? "AM" : "PM";
        case 'j': return padded(date.dayOfYear, 3, isPadded);
        case 'w': return std::to_string(date.weekday);
        case 'u': return std::to_string(date.weekday == 0 ? 7 : date.weekday);
        case 'z':
        case 'Z': return "";  // Python's naive datetime has no zone
        case 'n': return "\n";
        case 't': return "\t";
        case '%': return "%";
        default:
            raise("strftime_now does not know the directive '%" + std::string(1, letter) + "'");
    }
}

}  // namespace

std::string formatDate(std::string_view format, std::int64_t secondsSinceEpoch) {
    const Date date = dateOf(secondsSinceEpoch);
    std::string result;
    for (std::size_t index = 0; index < format.size(); ++index) {
        if (format[index] != '%' || index + 1 >= format.size()) {
            result += format[index];
            continue;
        }
        bool isPadded = true;
        if (format[index + 1] == '-' && index + 2 < format.size()) {
            isPadded = false;  // glibc: no leading zeros
            ++index;
        }
        const char letter = format[++index];
        switch (letter) {
            case 'F': result += formatDate("%Y-%m-%d", secondsSinceEpoch); break;
            case 'T': result += formatDate("%H:%M:%S", secondsSinceEpoch); break;
            case 'R': result += formatDate("%H:%M", secondsSinceEpoch); break;
            case 'D':
            case 'x': result += formatDate("%m/%d/%y", secondsSinceEpoch); break;
            case 'X': result += formatDate("%H:%M:%S", secondsSinceEpoch); break;
            case 'c': result += formatDate("%a %b %e %H:%M:%S %Y", secondsSinceEpoch); break;
            default: result += field(letter, date, isPadded);
        }
    }
    return result;
}

}  // namespace sotto::jinja
