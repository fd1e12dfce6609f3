#include "app/compare/compare_texts.h"

#include <QCoreApplication>

#include "app/system/number_format.h"

namespace sotto::app {
namespace {

struct CompareText {
    Q_DECLARE_TR_FUNCTIONS(CompareText)
};

// With its probability, where that is known.
QString rated(const std::string& text, float probability, const NumberFormat& format) {
    const QString quoted = CompareText::tr("“%1”").arg(shownToken(text));
    if (probability <= 0) return quoted;
    return quoted + QChar(' ') + format.fixed(static_cast<double>(probability), 2);
}

}  // namespace

QString columnName(const ReportColumn& column, const ReportColumn& other) {
    const QString name = QString::fromStdString(column.name);
    const QString type = QString::fromStdString(column.quantization);
    if (column.name == other.name && column.quantization != other.quantization) return type;
    return type.isEmpty() ? name : name + QChar(' ') + type;
}

QString shownToken(const std::string& text) {
    QString shown = QString::fromStdString(text);
    const QString trimmed = shown.trimmed();
    if (!trimmed.isEmpty()) return trimmed;
    return shown.replace(QLatin1Char('\n'), QStringLiteral("↵")).replace(QChar(' '), QChar(0x2423));
}

QString differenceText(const AnswerDifference& difference, const QString& reference,
                       const NumberFormat& format) {
    const QString place = format.count(static_cast<double>(difference.index + 1));
    const QString own = rated(difference.text, difference.probability, format);
    const QString others = rated(difference.referenceText, difference.referenceProbability, format);
    if (difference.isByText) {
        if (difference.text.empty())
            return CompareText::tr("ends before word %1, %2 %3; other vocabulary, so by word")
                .arg(place, reference, others);
        if (difference.referenceText.empty())
            return CompareText::tr("from word %1: %2, %3 ends; other vocabulary, so by word")
                .arg(place, own, reference);
        return CompareText::tr("from word %1: %2, %3 %4; other vocabulary, so by word")
            .arg(place, own, reference, others);
    }
    if (difference.text.empty())
        return CompareText::tr("ends before token %1, %2 %3").arg(place, reference, others);
    if (difference.referenceText.empty())
        return CompareText::tr("from token %1: %2, %3 ends").arg(place, own, reference);
    return CompareText::tr("from token %1: %2, %3 %4").arg(place, own, reference, others);
}

QString samenessText(const ReportColumn& column, const ReportColumn& reference,
                     const QString& name) {
    const WrittenAnswer& answer = column.result.answer;
    if (answer.tokens.empty()) return {};
    if (!isOver(column.result.state)) return CompareText::tr("so far the same as %1").arg(name);
    // One that was cut short says nothing of what lies behind.
    return answer.text.size() == reference.result.answer.text.size()
               ? CompareText::tr("the same as %1").arg(name)
               : CompareText::tr("the same as %1, as far as both go").arg(name);
}

QString otherWayText(const OtherChoice& other, const WrittenAnswer& answer, const QString& model,
                     const QString& reference, const NumberFormat& format) {
    const TextSpan span = shownSpan(answer, other.index);
    const std::string written = answer.text.substr(span.begin, span.end - span.begin);
    return CompareText::tr("Here %1 would have said %2, %3 %4.")
        .arg(model, rated(other.text, other.probability, format), reference,
             rated(written, other.referenceProbability, format));
}

QString samplingText(bool isGreedy, int maxTokens, const NumberFormat& format) {
    const QString tokens = format.tokens(maxTokens);
    return isGreedy ? CompareText::tr("Greedy, %1").arg(tokens)
                    : CompareText::tr("Sampled, %1").arg(tokens);
}

}  // namespace sotto::app
