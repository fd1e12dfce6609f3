// NumberFormat: every number that the window shows, in the forms of the design (UI.md section 9).
//
// Stateless but for its locale: Theme.format holds one per language, so a binding that uses it is
// evaluated again when the language changes. Unknown values (0 or less where that cannot be
// measured) read "–". Functions ending in Value leave the unit out. GUI thread only.
#pragma once

#include <QDateTime>
#include <QLocale>
#include <QObject>
#include <QQmlEngine>

namespace sotto::app {

class NumberFormat : public QObject {
    Q_OBJECT
    QML_ELEMENT
    // "en" or "zh_CN"; groups, decimals, dates and the gap before % follow it.
    Q_PROPERTY(QString language READ language WRITE setLanguage NOTIFY languageChanged)

public:
    explicit NumberFormat(QObject* parent = nullptr);

    QString language() const { return m_language; }
    void setLanguage(const QString& language);
    // The language of the moment, for what C++ puts into words: that of QLocale().
    void followLanguage();

    // tokens/s: one decimal below 100, none from 100: "84.2", "175".
    Q_INVOKABLE QString speedValue(double tokensPerSecond) const;
    Q_INVOKABLE QString speed(double tokensPerSecond) const;  // "84.2 tok/s"
    // Two significant digits below 100, three from 100, with a leading ≈: "≈ 84", "≈ 6.8", "≈ 150".
    Q_INVOKABLE QString prediction(double value) const;
    // Milliseconds, one decimal below 20; from a second on seconds, one decimal below 100:
    // "16.5 ms", "961 ms", "33.4 s".
    Q_INVOKABLE QString latencyValue(double milliseconds) const;
    Q_INVOKABLE QString latencyUnit(double milliseconds) const;  // "ms" or "s"
    Q_INVOKABLE QString latency(double milliseconds) const;
    // Seconds, one decimal below 20, then whole, from a minute on min and s: "0.3 s", "1 min 52 s".
    Q_INVOKABLE QString duration(double seconds) const;
    // Decimal units. A file has two decimals ("9.00 GB"), a sum three digits ("59.2 GB").
    Q_INVOKABLE QString fileSize(double bytes) const;
    Q_INVOKABLE QString sizeSum(double bytes) const;
    // GB/s with three digits: "748 GB/s", "33.4 GB/s".
    Q_INVOKABLE QString bandwidthValue(double gigabytesPerSecond) const;
    Q_INVOKABLE QString bandwidth(double gigabytesPerSecond) const;
    // Binary units, one decimal: "24.0 GiB"; MiB below 1 GiB: "412 MiB".
    Q_INVOKABLE QString memory(double bytes) const;
    // Of which memory: "3.1 GiB RAM", "5.2 GiB VRAM", "5.2 GiB VRAM + 3.1 GiB RAM".
    Q_INVOKABLE QString memoryOn(double processorBytes, double cardBytes) const;
    // GiB with two decimals and no unit, where parts are listed: "8.97".
    Q_INVOKABLE QString memoryPart(double bytes) const;
    Q_INVOKABLE QString count(double value) const;       // whole, grouped: "16,384"
    Q_INVOKABLE QString tokens(int count) const;         // "1 token", "1,974 tokens"
    Q_INVOKABLE QString shortCount(double value) const;  // "1.2M", "310k"
    Q_INVOKABLE QString factor(double factor) const;     // "1.9×"
    Q_INVOKABLE QString percent(double share) const;     // of 0..1: "74 %"
    Q_INVOKABLE QString divergence(double nats) const;   // KL: "0.0231", "0.298", "3.41"
    Q_INVOKABLE QString fixed(double value, int nDecimals) const;
    // Today "11:02", this year "17 Nov", else "17 Nov 2025".
    Q_INVOKABLE QString moment(const QDateTime& time) const;
    // "18 December", with its year when that is not this one.
    Q_INVOKABLE QString day(const QDateTime& time) const;
    // "today at 10:47", "on 3 November at 10:47".
    Q_INVOKABLE QString dayAndTime(const QDateTime& time) const;

signals:
    void languageChanged();

private:
    QString threeDigits(double value) const;

    QString m_language = QStringLiteral("en");
    QLocale m_locale;
};

}  // namespace sotto::app
