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

// How long the prompt was, and how much of it was there already.
QString promptFigure(const MessageStats& stats, const NumberFormat& format) {
    const QString prompt = format.count(stats.promptTokens);
    const QString reused = format.count(stats.reusedTokens);
    const QString restored = format.count(stats.restoredTokens);
    if (stats.reusedTokens > 0 && stats.restoredTokens > 0)
        return FigureText::tr("prompt %1 tokens, %2 from memory, %3 from disk")
            .arg(prompt, reused, restored);
    if (stats.restoredTokens > 0)
        return FigureText::tr("prompt %1 tokens, %2 from disk").arg(prompt, restored);
    if (stats.reusedTokens > 0)
        return FigureText::tr("prompt %1 tokens, %2 from memory").arg(prompt, reused);
    return FigureText::tr("prompt %1 tokens").arg(prompt);
}

}  // namespace

QStringList answerFigures(const Message& answer) {
    const MessageStats& stats = answer.stats;
    NumberFormat format;
    format.followLanguage();
    QStringList figures;
    if (stats.tokensPerSecond > 0) figures << format.speed(stats.tokensPerSecond);
    if (stats.draftGain > 0 && stats.draftKept > 0)
        figures << FigureText::tr("%1 plain, %2 tokens per step")
                       .arg(format.factor(stats.draftGain), format.fixed(stats.draftKept, 1));
    else if (stats.draftGain > 0)
        figures << FigureText::tr("%1 plain").arg(format.factor(stats.draftGain));
    if (stats.ttftMs > 0) figures << FigureText::tr("TTFT %1").arg(format.latency(stats.ttftMs));
    if (stats.tokens > 0) figures << format.tokens(stats.tokens);
    if (stats.promptTokens > 0) figures << promptFigure(stats, format);
    if (stats.droppedTokens > 0)
        figures << FigureText::tr("%1 tokens dropped").arg(format.count(stats.droppedTokens));
    if (stats.forgottenTokens > 0)
        figures << FigureText::tr("%1 tokens forgotten").arg(format.count(stats.forgottenTokens));
    if (const QString end = stopText(endReason(answer)); !end.isEmpty()) figures << end;
    return figures;
}

}  // namespace sotto::app
