#include "app/system/number_format.h"

#include <array>
#include <cmath>

namespace sotto::app {

namespace {

const QString kUnknown = QStringLiteral("–");
constexpr QChar kNarrowNoBreakSpace(0x202F);
constexpr QChar kNoBreakSpace(0x00A0);
constexpr double kMebi = 1024.0 * 1024.0;
constexpr double kGibi = 1024.0 * kMebi;

bool isUnknown(double value) { return !std::isfinite(value) || value <= 0; }

// At the rounded value: "1.0 s" and never "1,000 ms".
bool isSeconds(double milliseconds) { return milliseconds >= 999.5; }

QLocale localeOf(const QString& language) {
    const bool isChinese = language.startsWith(QStringLiteral("zh"));
    return isChinese ? QLocale(QLocale::Chinese, QLocale::China)
                     : QLocale(QLocale::English, QLocale::UnitedStates);
}

// The largest decimal unit in which the value is at least 1.
struct DecimalUnit {
    double factor;
    const char* name;
};
DecimalUnit decimalUnit(double bytes) {
    constexpr std::array<DecimalUnit, 4> kUnits = {
        {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}}};
    for (const DecimalUnit& unit : kUnits) {
        if (bytes >= unit.factor) return unit;
    }
    return {1, "B"};
}

}  // namespace

NumberFormat::NumberFormat(QObject* parent) : QObject(parent), m_locale(localeOf(m_language)) {}

void NumberFormat::setLanguage(const QString& language) {
    if (language == m_language) return;
    m_language = language;
    m_locale = localeOf(language);
    emit languageChanged();
}

void NumberFormat::followLanguage() {
    const bool isChinese = QLocale().language() == QLocale::Chinese;
    setLanguage(isChinese ? QStringLiteral("zh_CN") : QStringLiteral("en"));
}

QString NumberFormat::fixed(double value, int nDecimals) const {
    return std::isfinite(value) ? m_locale.toString(value, 'f', nDecimals) : kUnknown;
}

// The thresholds below are at the rounded value, so that 99.96 reads "100" and not "100.0".
QString NumberFormat::threeDigits(double value) const {
    if (value < 9.995) return fixed(value, 2);
    return fixed(value, value < 99.95 ? 1 : 0);
}

QString NumberFormat::speedValue(double tokensPerSecond) const {
    if (isUnknown(tokensPerSecond)) return kUnknown;
    return fixed(tokensPerSecond, tokensPerSecond < 99.95 ? 1 : 0);
}

QString NumberFormat::speed(double tokensPerSecond) const {
    return tr("%1 tok/s").arg(speedValue(tokensPerSecond));
}

QString NumberFormat::prediction(double value) const {
    if (isUnknown(value)) return kUnknown;
    const int nDigits = value < 99.5 ? 2 : 3;
    const double magnitude = std::floor(std::log10(value));
    const double step = std::pow(10.0, magnitude - nDigits + 1);
    const double rounded = std::round(value / step) * step;
    return QStringLiteral("≈") + kNoBreakSpace + fixed(rounded, rounded < 10 ? 1 : 0);
}

QString NumberFormat::latencyValue(double milliseconds) const {
    if (isUnknown(milliseconds)) return kUnknown;
    if (isSeconds(milliseconds)) return fixed(milliseconds / 1e3, milliseconds < 99'950 ? 1 : 0);
    return fixed(milliseconds, milliseconds < 19.95 ? 1 : 0);
}

QString NumberFormat::latencyUnit(double milliseconds) const {
    return isSeconds(milliseconds) ? tr("s") : tr("ms");
}

QString NumberFormat::latency(double milliseconds) const {
    if (isUnknown(milliseconds)) return kUnknown;
    return (isSeconds(milliseconds) ? tr("%1 s") : tr("%1 ms")).arg(latencyValue(milliseconds));
}

QString NumberFormat::duration(double seconds) const {
    if (!std::isfinite(seconds) || seconds < 0) return kUnknown;
    if (seconds < 59.5) return tr("%1 s").arg(fixed(seconds, seconds < 19.95 ? 1 : 0));
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole >= 3600) {
        const qint64 minutes = std::llround(seconds / 60);
        return tr("%1 h %2 min")
            .arg(m_locale.toString(minutes / 60), m_locale.toString(minutes % 60));
    }
    return tr("%1 min %2 s").arg(m_locale.toString(whole / 60), m_locale.toString(whole % 60));
}

QString NumberFormat::fileSize(double bytes) const {
    if (!std::isfinite(bytes) || bytes < 0) return kUnknown;
    const DecimalUnit unit = decimalUnit(bytes);
    return fixed(bytes / unit.factor, unit.factor >= 1e6 ? 2 : 0) + kNoBreakSpace +
           QLatin1String(unit.name);
}

QString NumberFormat::sizeSum(double bytes) const {
    if (!std::isfinite(bytes) || bytes < 0) return kUnknown;
    const DecimalUnit unit = decimalUnit(bytes);
    const double value = bytes / unit.factor;
    return (unit.factor > 1 ? threeDigits(value) : fixed(value, 0)) + kNoBreakSpace +
           QLatin1String(unit.name);
}

QString NumberFormat::bandwidthValue(double gigabytesPerSecond) const {
    return isUnknown(gigabytesPerSecond) ? kUnknown : threeDigits(gigabytesPerSecond);
}

QString NumberFormat::bandwidth(double gigabytesPerSecond) const {
    if (isUnknown(gigabytesPerSecond)) return kUnknown;
    return threeDigits(gigabytesPerSecond) + kNoBreakSpace + QStringLiteral("GB/s");
}

QString NumberFormat::memory(double bytes) const {
    if (!std::isfinite(bytes) || bytes < 0) return kUnknown;
    if (bytes >= 0.995 * kGibi) {
        return fixed(bytes / kGibi, 1) + kNoBreakSpace + QStringLiteral("GiB");
    }
    const double mebibytes = bytes / kMebi;
    return fixed(mebibytes, mebibytes < 9.95 ? 1 : 0) + kNoBreakSpace + QStringLiteral("MiB");
}

QString NumberFormat::memoryOn(double processorBytes, double cardBytes) const {
    if (cardBytes <= 0) return tr("%1 RAM").arg(memory(processorBytes));
    if (processorBytes <= 0) return tr("%1 VRAM").arg(memory(cardBytes));
    return tr("%1 VRAM + %2 RAM").arg(memory(cardBytes), memory(processorBytes));
}

QString NumberFormat::memoryPart(double bytes) const {
    return std::isfinite(bytes) && bytes >= 0 ? fixed(bytes / kGibi, 2) : kUnknown;
}

QString NumberFormat::count(double value) const { return fixed(value, 0); }

QString NumberFormat::tokens(int count) const {
    return tr("%1 tokens", nullptr, count).arg(this->count(count));
}

QString NumberFormat::shortCount(double value) const {
    if (!std::isfinite(value) || value < 0) return kUnknown;
    if (value < 999.5) return fixed(value, 0);
    const bool isMillions = value >= 999'500;
    const double scaled = value / (isMillions ? 1e6 : 1e3);
    return fixed(scaled, scaled < 9.95 ? 1 : 0) + QLatin1Char(isMillions ? 'M' : 'k');
}

QString NumberFormat::factor(double factor) const {
    return isUnknown(factor) ? kUnknown : fixed(factor, 1) + u'×';
}

QString NumberFormat::percent(double share) const {
    if (!std::isfinite(share) || share < 0) return kUnknown;
    const QString number = fixed(share * 100, 0);
    const bool isChinese = m_language.startsWith(QStringLiteral("zh"));
    return isChinese ? number + u'%' : number + kNarrowNoBreakSpace + u'%';
}

QString NumberFormat::divergence(double nats) const {
    if (!std::isfinite(nats) || nats < 0) return kUnknown;
    if (nats < 0.09995) return fixed(nats, 4);
    return fixed(nats, nats < 0.9995 ? 3 : 2);
}

QString NumberFormat::moment(const QDateTime& time) const {
    if (!time.isValid()) return {};
    const QDateTime local = time.toLocalTime();
    const QDate today = QDate::currentDate();
    const bool isChinese = m_language.startsWith(QStringLiteral("zh"));
    if (local.date() == today) return m_locale.toString(local.time(), QStringLiteral("HH:mm"));
    if (local.date().year() == today.year()) {
        return m_locale.toString(local.date(),
                                 isChinese ? QStringLiteral("M月d日") : QStringLiteral("d MMM"));
    }
    return m_locale.toString(
        local.date(), isChinese ? QStringLiteral("yyyy年M月d日") : QStringLiteral("d MMM yyyy"));
}

QString NumberFormat::day(const QDateTime& time) const {
    if (!time.isValid()) return {};
    const QDate date = time.toLocalTime().date();
    const bool isThisYear = date.year() == QDate::currentDate().year();
    if (m_language.startsWith(QStringLiteral("zh")))
        return m_locale.toString(
            date, isThisYear ? QStringLiteral("M月d日") : QStringLiteral("yyyy年M月d日"));
    return m_locale.toString(date,
                             isThisYear ? QStringLiteral("d MMMM") : QStringLiteral("d MMMM yyyy"));
}

QString NumberFormat::dayAndTime(const QDateTime& time) const {
    if (!time.isValid()) return {};
    const QDateTime local = time.toLocalTime();
    const QString clock = m_locale.toString(local.time(), QStringLiteral("HH:mm"));
    return local.date() == QDate::currentDate() ? tr("today at %1").arg(clock)
                                                : tr("on %1 at %2").arg(day(time), clock);
}

}  // namespace sotto::app
