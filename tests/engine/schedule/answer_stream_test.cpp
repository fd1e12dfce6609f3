// Tokens become text for readers: characters whole, thinking apart, stop strings cut, nothing lost.
#include <QtTest>
#include <map>

#include "engine/schedule/answer_stream.h"

using namespace sotto;

namespace {

// Token n is the n-th piece; pieces in angle brackets with a bar are control tokens.
class PieceTokenizer final : public Tokenizer {
public:
    explicit PieceTokenizer(std::vector<std::string> pieces) : m_pieces(std::move(pieces)) {}

    Result<std::vector<std::int32_t>> encode(std::string_view,
                                             const EncodeOptions&) const override {
        return fail(ErrorCode::Unsupported, "not used");
    }
    std::string pieceBytes(std::int32_t token, bool isShowingSpecial) const override {
        if (isControl(token) && !isShowingSpecial) return {};
        return m_pieces[static_cast<std::size_t>(token)];
    }
    std::string decode(const std::vector<std::int32_t>&, bool) const override { return {}; }
    std::int32_t size() const override { return static_cast<std::int32_t>(m_pieces.size()); }
    std::uint64_t fingerprint() const override { return 1; }
    std::int32_t bosToken() const override { return -1; }
    std::int32_t eosToken() const override { return -1; }
    bool isEndOfGeneration(std::int32_t) const override { return false; }
    bool isTurnStart(std::int32_t token) const override {
        const std::string& piece = m_pieces[static_cast<std::size_t>(token)];
        return piece == "<|im_start|>" || piece == "[INST]";
    }
    bool isAddingBosByDefault() const override { return false; }
    bool isControl(std::int32_t token) const override {
        return m_pieces[static_cast<std::size_t>(token)].starts_with("<|");
    }
    std::string description() const override { return "pieces"; }

private:
    std::vector<std::string> m_pieces;
};

struct Answer {
    std::string answer, thinking, stop;
};

Answer run(const std::vector<std::string>& pieces, std::vector<std::string> stop,
           std::int32_t openBlock = -1) {
    const PieceTokenizer tokenizer(pieces);
    AnswerStream stream(&tokenizer, std::move(stop), openBlock);
    Answer result;
    const auto take = [&](const std::vector<TextSegment>& segments) {
        for (const TextSegment& segment : segments)
            (segment.kind == TextKind::Answer ? result.answer : result.thinking) += segment.text;
    };
    for (std::int32_t token = 0; token < tokenizer.size(); ++token) take(stream.push(token));
    take(stream.finish());
    result.stop = stream.stopString();
    return result;
}

}  // namespace

class AnswerStreamTest : public QObject {
    Q_OBJECT

private slots:
    void characters_areWhole() {
        const Answer answer = run({"caf", "\xC3", "\xA9 ", "\xF0\x9F", "\x99\x82"}, {});
        QCOMPARE(answer.answer, "café \xF0\x9F\x99\x82");
    }
    void halfACharacter_atTheEndIsReplaced() {
        QCOMPARE(run({"caf", "\xC3"}, {}).answer, "caf\xEF\xBF\xBD");
    }
    void thinking_isKeptApart() {
        const Answer answer = run({"<th", "ink>", "\nplan", "</thi", "nk>\n\n", "Hi", "."}, {});
        QCOMPARE(answer.answer, "Hi.");
        QVERIFY(answer.thinking.find("plan") != std::string::npos);
        QVERIFY(answer.thinking.find("think>") == std::string::npos);
    }
    void thinking_openInThePromptBegins() {
        const Answer answer = run({"plan", "</think>", "Hi"}, {}, 0);
        QCOMPARE(answer.answer, "Hi");
        QCOMPARE(answer.thinking, "plan");
    }
    void stop_acrossTokensCutsAndNamesItself() {
        const Answer answer = run({"one tw", "o thr", "ee four"}, {"xyz", "two three"});
        QCOMPARE(answer.answer, "one ");
        QCOMPARE(answer.stop, "two three");
    }
    void stop_insideThinkingIsNoStop() {
        const Answer answer = run({"<think>", "a END b", "</think>", "yes END no"}, {"END"});
        QCOMPARE(answer.thinking, "a END b");
        QCOMPARE(answer.answer, "yes ");
        QCOMPARE(answer.stop, "END");
    }
    void stop_thatOnlyBeganIsTextAfterAll() { QCOMPARE(run({"one tw"}, {"two"}).answer, "one tw"); }
    void controlTokens_haveNoText() {
        QCOMPARE(run({"Hi", "<|end_of_turn|>", "."}, {}).answer, "Hi.");
    }
    void stop_namesASpecialToken() {
        const PieceTokenizer tokenizer({"Hel", "lo", "<|user|>"});
        AnswerStream stream(&tokenizer, {"lo, you", "<|user|>"}, -1);
        QVERIFY(!stream.endBy(0) && !stream.endBy(1));
        stream.push(0);
        stream.push(1);  // held back: a stop string may be beginning
        QCOMPARE(stream.endBy(2), StopReason::StopString);
        QCOMPARE(stream.stopString(), "<|user|>");
        QCOMPARE(stream.finish().front().text, "lo");
    }
    void stop_specialTokenInsideThinkingIsNoStop() {
        const PieceTokenizer tokenizer({"plan", "<|x|>", "</think>", "Hi"});
        AnswerStream stream(&tokenizer, {"<|x|>"}, 0);
        stream.push(0);
        QVERIFY(!stream.endBy(1));
        stream.push(1);
        stream.push(2);
        stream.push(3);
        QCOMPARE(stream.endBy(1), StopReason::StopString);
        QCOMPARE(stream.stopString(), "<|x|>");
    }
    void turnMarker_endsAnAnswerThatHasBegun() {
        const PieceTokenizer tokenizer({"<|im_start|>", "Hi", "<|other|>", "[INST]"});
        AnswerStream stream(&tokenizer, {}, -1);
        QVERIFY(!stream.endBy(0));  // some models open their own turn
        stream.push(0);
        stream.push(1);
        QVERIFY(!stream.endBy(2));
        QCOMPARE(stream.endBy(0), StopReason::EndOfText);
        QCOMPARE(stream.endBy(3), StopReason::EndOfText);
        QCOMPARE(stream.stopString(), "");
    }
    void noTokenizer_hasNoText() {
        AnswerStream stream(nullptr, {"x"}, -1);
        QVERIFY(stream.push(3).empty());
        QVERIFY(stream.finish().empty());
    }
};

QTEST_APPLESS_MAIN(AnswerStreamTest)
#include "answer_stream_test.moc"
