// The buffer between engine and window: merges, keeps order, wakes once.
#include "app/bridge/token_coalescer.h"

#include <QtTest>
#include <set>

using namespace sotto;
using namespace sotto::app;

class TokenCoalescerTest : public QObject {
    Q_OBJECT

private slots:
    void tokens_ofOneRequestAndKind_becomeOneRun() {
        TokenCoalescer coalescer;
        QVERIFY(coalescer.push(TokenSampled{1, 5, 1, {}}));
        QVERIFY(!coalescer.push(AnswerText{1, TextKind::Answer, "a"}));
        QVERIFY(!coalescer.push(TokenSampled{1, 6, 1, {}}));
        coalescer.push(AnswerText{1, TextKind::Answer, "b"});
        const auto events = coalescer.take();
        QCOMPARE(events.size(), std::size_t{1});
        QCOMPARE(std::get<TextRun>(events[0]).text, std::string("ab"));
        QCOMPARE(std::get<TextRun>(events[0]).nTokens, 2);
    }

    void tokens_areCountedOnceWhateverTextTheyGive() {
        TokenCoalescer coalescer;
        coalescer.push(TokenSampled{1, 5, 1, {}});  // its text is held back
        coalescer.push(TokenSampled{1, 6, 1, {}});
        coalescer.push(AnswerText{1, TextKind::Thinking, "a"});
        coalescer.push(AnswerText{1, TextKind::Answer, "b"});
        const auto events = coalescer.take();
        QCOMPARE(events.size(), std::size_t{2});
        QCOMPARE(std::get<TextRun>(events[0]).kind, TextKind::Thinking);
        QCOMPARE(std::get<TextRun>(events[0]).nTokens, 2);
        QCOMPARE(std::get<TextRun>(events[1]).kind, TextKind::Answer);
        QCOMPARE(std::get<TextRun>(events[1]).nTokens, 0);
    }

    void tokens_countForTheTextBehindThem() {
        TokenCoalescer coalescer;
        for (const char* text : {"a", "b"}) {
            coalescer.push(TokenSampled{1, 5, 1, {}});
            coalescer.push(AnswerText{1, TextKind::Thinking, text});
        }
        coalescer.push(TokenSampled{1, 6, 1, {}});
        coalescer.push(AnswerText{1, TextKind::Answer, "c"});
        coalescer.push(TokenSampled{1, 7, 1, {}});  // its text is held back
        const auto events = coalescer.take();
        QCOMPARE(events.size(), std::size_t{3});
        QCOMPARE(std::get<TextRun>(events[0]).text, std::string("ab"));
        QCOMPARE(std::get<TextRun>(events[0]).nTokens, 2);
        QCOMPARE(std::get<TextRun>(events[1]).nTokens, 1);
        QVERIFY(std::get<TextRun>(events[2]).text.empty());
        QCOMPARE(std::get<TextRun>(events[2]).nTokens, 1);
    }

    void tokens_ofOtherRequestsOrKinds_stayApart() {
        TokenCoalescer coalescer;
        coalescer.push(AnswerText{1, TextKind::Thinking, "a"});
        coalescer.push(AnswerText{1, TextKind::Answer, "b"});
        coalescer.push(AnswerText{2, TextKind::Answer, "c"});
        coalescer.push(GenerationFinished{1, StopReason::EndOfText, {}, {}});
        coalescer.push(TokenSampled{2, 6, 1, {}});
        QCOMPARE(coalescer.take().size(), std::size_t{5});
    }

    // Each step gives every one of them a token.
    void answersSideBySide_areOneRunEach() {
        TokenCoalescer coalescer;
        for (int step = 0; step < 100; ++step)
            for (const RequestId id : {1, 2, 3}) {
                coalescer.push(PromptProgress{id + 10, step, 99});
                coalescer.push(TokenSampled{id, 5, 1, {}});
                if (step % 2 == 1) coalescer.push(AnswerText{id, TextKind::Answer, "ab"});
            }
        coalescer.push(GenerationFinished{2, StopReason::EndOfText, {}, {}});
        const auto events = coalescer.take();
        QCOMPARE(events.size(), std::size_t{7});
        std::set<RequestId> told;
        for (const BridgeEvent& event : events) {
            const auto* run = std::get_if<TextRun>(&event);
            if (run == nullptr) continue;
            QCOMPARE(run->nTokens, 100);
            QCOMPARE(run->text.size(), std::size_t{100});
            told.insert(run->request);
        }
        QCOMPARE(told, (std::set<RequestId>{1, 2, 3}));
        QVERIFY(std::holds_alternative<GenerationFinished>(events.back()));
    }

    void newsOfTheModel_isNotOvertaken() {
        TokenCoalescer coalescer;
        coalescer.push(AnswerText{1, TextKind::Answer, "a"});
        coalescer.push({1, 2}, ModelUnloaded{});
        coalescer.push(AnswerText{1, TextKind::Answer, "b"});
        QCOMPARE(coalescer.take().size(), std::size_t{3});
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
