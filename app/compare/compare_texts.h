// What the Compare page says of a column, in the window's language. Pure.
#pragma once

#include <QString>

#include "app/core/compare/comparison_report.h"

namespace sotto::app {

class NumberFormat;

// What a column is called beside another one: its type where the models are the same, else its
// name and type.
QString columnName(const ReportColumn& column, const ReportColumn& other);
// A token as a person reads it: without the space in front, line ends visible.
QString shownToken(const std::string& text);
// Where the answer parts from the reference's.
QString differenceText(const AnswerDifference& difference, const QString& reference,
                       const NumberFormat& format);
// The same first word, and how much of the reference is there: of an answer that does not part.
QString samenessText(const ReportColumn& column, const ReportColumn& reference,
                     const QString& name);
// What the model would have said in a place of the reference's answer, and what stands there.
QString otherWayText(const OtherChoice& other, const WrittenAnswer& answer, const QString& model,
                     const QString& reference, const NumberFormat& format);
// How all is drawn: "Greedy, 512 tokens".
QString samplingText(bool isGreedy, int maxTokens, const NumberFormat& format);

}  // namespace sotto::app
