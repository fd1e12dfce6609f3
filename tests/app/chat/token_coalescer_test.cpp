// The buffer between engine and window: merges, keeps order, wakes once.
#include "app/bridge/token_coalescer.h"

#include <QtTest>

using namespace sotto;
using namespace sotto::app;

class TokenCoalescerTest : public QObject {
    Q_OBJECT

private slots:
    void tokens_ofOneRequestAndKind_becomeOneRun() {
        TokenCoalescer coalescer;
        QVERIFY(coalescer.push(TokenText{1, 5, TextKind::Answer, "a", 1, {}}));
        QVERIFY(!coalescer.push(TokenText{1, 6, TextKind::Answer, "b", 1, {}}));
        const auto events = coalescer.take();
        QCOMPARE(events.size(), std::size_t{1});
        QCOMPARE(std::get<TextRun>(events[0]).text, std::string("ab"));
        QCOMPARE(std::get<TextRun>(events[0]).nTokens, 2);
    }

    void tokens_ofOtherRequestsOrKinds_stayApart() {
        TokenCoalescer coalescer;
        coalescer.push(TokenText{1, 5, TextKind::Thinking, "a", 1, {}});
        coalescer.push(TokenText{1, 6, TextKind::Answer, "b", 1, {}});
        coalescer.push(TokenText{2, 6, TextKind::Answer, "c", 1, {}});
        coalescer.push(GenerationFinished{1, StopReason::EndOfText, {}, {}});
        coalescer.push(TokenText{2, 6, TextKind::Answer, "d", 1, {}});
        QCOMPARE(coalescer.take().size(), std::size_t{5});
    }

    void progress_onlyTheNewestIsKept() {
        TokenCoalescer coalescer;
        const ModelHandle first{1, 2}, second{3, 4};
        coalescer.push(first, LoadProgress{0.1});
        coalescer.push(first, LoadProgress{0.7});
        coalescer.push(second, LoadProgress{0.2});
        auto events = coalescer.take();
        QCOMPARE(events.size(), std::size_t{2});
        QCOMPARE(std::get<LoadProgress>(std::get<ModelNews>(events[0]).event).fraction, 0.7);
        QCOMPARE(std::get<ModelNews>(events[1]).handle, second);
        coalescer.push(PromptProgress{1, 1, 9});
        coalescer.push(PromptProgress{1, 5, 9});
        coalescer.push(PromptProgress{2, 1, 9});  // of another answer: both are told
        events = coalescer.take();
        QCOMPARE(events.size(), std::size_t{2});
        QCOMPARE(std::get<PromptProgress>(events[0]).processedTokens, std::int64_t{5});
    }

    void take_emptiesSoThatTheNextPushWakesAgain() {
        TokenCoalescer coalescer;
        coalescer.push({1, 2}, ModelUnloaded{});
        coalescer.take();
        QVERIFY(coalescer.take().empty());
        QVERIFY(coalescer.push({1, 2}, ModelUnloaded{}));
    }
};

QTEST_APPLESS_MAIN(TokenCoalescerTest)
#include "token_coalescer_test.moc"
