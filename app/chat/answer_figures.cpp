#include "app/chat/answer_figures.h"

#include <QCoreApplication>

#include "app/chat/message.h"
#include "app/chat/stop_text.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

struct FigureText {
    Q_DECLARE_TR_FUNCTIONS(AnswerFigures)
};

}  // namespace

QStringList answerFigures(const Message& answer) {
    const MessageStats& stats = answer.stats;
    NumberFormat format;
    format.followLanguage();
    QStringList figures;
    if (stats.tokensPerSecond > 0) figures << format.speed(stats.tokensPerSecond);
    if (stats.ttftMs > 0) figures << FigureText::tr("TTFT %1").arg(format.latency(stats.ttftMs));
    if (stats.tokens > 0) figures << format.tokens(stats.tokens);
    if (stats.reusedTokens > 0)
        figures << FigureText::tr("prefix reused %1 tokens", nullptr, stats.reusedTokens)
                       .arg(format.count(stats.reusedTokens));
    if (const QString end = stopText(endReason(answer)); !end.isEmpty()) figures << end;
    return figures;
}

}  // namespace sotto::app
