// Thinking and answer kept apart for every known marker, however the text is cut into pieces.
#include "engine/token/thinking_splitter.h"

#include <QtTest>

using namespace sotto;

namespace {

struct Split {
    std::string thinking;
    std::string answer;
    bool operator==(const Split&) const = default;
};

Split splitInPieces(std::string_view text, std::size_t pieceLength, std::int32_t openBlock) {
    ThinkingSplitter splitter(openBlock);
    std::vector<TextSegment> segments;
    while (!text.empty()) {
        const std::size_t length = std::min(pieceLength, text.size());
        splitter.push(text.substr(0, length), segments);
        text.remove_prefix(length);
    }
    splitter.finish(segments);
    Split split;
    for (const auto& segment : segments) {
        if (segment.isTurningBack) {
            split.thinking += std::exchange(split.answer, {});
            continue;
        }
        if (segment.text.empty()) qFatal("an empty segment");
        (segment.kind == TextKind::Thinking ? split.thinking : split.answer) += segment.text;
    }
    return split;
}

}  // namespace

class ThinkingSplitterTest : public QObject {
    Q_OBJECT

private slots:
    void push_keepsApartHoweverCut_data();
    void push_keepsApartHoweverCut();
    void push_everyMarkerIsKnown();
    void push_tellsThinkingAsItComes();
    void openBlock_isFoundAtPromptEndOnly_data();
    void openBlock_isFoundAtPromptEndOnly();
    void isMarkerPart_knowsControlTokensOfMarkers();
    void push_takesOtherTable();
    void push_endlessSpacesStayLinear();
};

void ThinkingSplitterTest::push_keepsApartHoweverCut_data() {
    QTest::addColumn<QString>("prompt");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("thinking");
    QTest::addColumn<QString>("answer");
    const auto row = [](const char* name, const char* prompt, const char* text,
                        const char* thinking, const char* answer) {
        QTest::newRow(name) << prompt << text << thinking << answer;
    };
    row("plain", "", "Hello <b>you</b>", "", "Hello <b>you</b>");
    row("block", "", "<think>\nI see.\n</think>\n\nHello", "I see.", "Hello");
    row("inner lines stay", "", "<think>a\n\n b</think>c\n\nd\n", "a\n\n b", "c\n\nd\n");
    row("spaces before", "", "\n <think>a</think>b", "a", "b");
    row("spaces without block", "", "\n  Hello", "", "\n  Hello");
    row("nearly a marker", "", "<thin>k", "", "<thin>k");
    row("two markers begin alike", "", "<thinking>a</think>b</thinking>c", "a</think>b", "c");
    row("talks about it", "", "The tag <think> opens, </think> closes.", "",
        "The tag <think> opens, </think> closes.");
    row("only once", "", "<think>a</think>b<think>c</think>", "a", "b<think>c</think>");
    row("only its end", "", "reason</think>\n\nAnswer", "reason", "Answer");
    row("only its end, last", "", "reason</think>", "reason", "");
    row("only its end, behind lines", "", "One.\n\nTwo.\n</think>\n\nAnswer", "One.\n\nTwo.\n",
        "Answer");
    row("only its end, control", "", "a[/THINK]\nb", "a", "b");
    row("only its end, first", "", "</think>\n\nAnswer", "", "Answer");
    row("closed by the prompt, closed again", "assistant\n<think>\n\n</think>\n\n",
        "Hm.\n</think>\n\nHi", "Hm.\n", "Hi");
    row("an end in a sentence", "", "It ends with </think> and goes on.", "",
        "It ends with </think> and goes on.");
    row("an end in code", "", "`</think>\n`", "", "`</think>\n`");
    row("an end in a fence", "", "```\nx</think>\ny\n```\n", "", "```\nx</think>\ny\n```\n");
    row("an end behind its block", "", "<think>a</think>b</think>\nc", "a", "b</think>\nc");
    row("nested", "", "<think>a<think>xb</think>qc</think>zd", "a<think>xbqc", "zd");
    row("nested, closed once", "", "<think>a<think>b</think>c", "a<think>b", "c");
    row("thinks of an opening", "",
        "<think>The user asks about <think> tags.</think>It is closed by </think> always.",
        "The user asks about <think> tags.", "It is closed by </think> always.");
    row("thinks of an opening in backticks", "", "<think>So `<think>`.</think>See </think> here.",
        "So `<think>`.", "See </think> here.");
    row("thinks of an opening in quotes", "", "<think>So (\"<think>\").</think>See </think> here.",
        "So (\"<think>\").", "See </think> here.");
    row("thinks of an opening in a fence", "",
        "<think>Say:\n```\n<think>\n```\nDone.</think>See </think> here.",
        "Say:\n```\n<think>\n```\nDone.", "See </think> here.");
    row("thinks of a whole block", "",
        "<think>Both `<think>` and `</think>` count.\n</think>\n\nHi</think>\n!",
        "Both `<think>` and `` count.\n", "Hi</think>\n!");
    row("nested, on its own line", "", "<think>a\n <think>b</think>c\n</think>d", "a\n <think>bc\n",
        "d");
    row("closed inside by another marker", "", "<think>a<think>b</think>c[/THINK]d", "a<think>b",
        "c[/THINK]d");
    row("second block", "", "<think>a</think>\nb\n<think>c</think>\nd", "ac", "b\nd");
    row("second block at once", "", "<think>a</think>\n<think>c</think>\nd", "ac", "d");
    row("a block in a fence", "", "Say:\n```\n<think>c</think>\n```\n", "",
        "Say:\n```\n<think>c</think>\n```\n");
    row("empty block", "", "<think>\n\n</think>\n\nHi", "", "Hi");
    row("unclosed", "", "<think>a b\n", "a b", "");
    row("unfinished close", "", "<think>a</thi", "a</thi", "");
    row("unfinished open", "", "<thi", "", "<thi");
    row("opened by the prompt", "<|im_start|>assistant\n<think>\n", "I see.\n</think>\n\nHi",
        "I see.", "Hi");
    row("closed by the prompt", "assistant\n<think>\n\n</think>\n\n", "Hi", "", "Hi");
    row("mistral", "", "[THINK]a[/THINK]b", "a", "b");
    row("harmony", "<|start|>assistant",
        "<|channel|>analysis<|message|>Let me see.<|end|><|start|>assistant<|channel|>final"
        "<|message|>Hello <|x",
        "Let me see.", "Hello <|x");
    row("harmony twice", "",
        "<|channel|>commentary<|message|>One.<|end|><|start|>assistant<|channel|>analysis"
        "<|message|>Two.<|end|><|start|>assistant<|channel|>final<|message|>Three.",
        "Two.", "One.Three.");
    row("characters", "", "<think>\u00e9\u4f60</think>\U0001F600", "\u00e9\u4f60", "\U0001F600");
}

void ThinkingSplitterTest::push_keepsApartHoweverCut() {
    QFETCH(QString, prompt);
    QFETCH(QString, text);
    QFETCH(QString, thinking);
    QFETCH(QString, answer);
    const Split expected{thinking.toStdString(), answer.toStdString()};
    const std::int32_t open = openBlockAtEnd(prompt.toStdString());
    const std::string bytes = text.toStdString();
    for (std::size_t length = 1; length <= bytes.size(); ++length) {
        const Split actual = splitInPieces(bytes, length, open);
        QCOMPARE(actual.thinking, expected.thinking);
        QCOMPARE(actual.answer, expected.answer);
    }
}

void ThinkingSplitterTest::push_everyMarkerIsKnown() {
    for (const auto& block : thinkingMarkers()) {
        const std::string text =
            std::string(block.open) + "\na\n" + std::string(block.close) + "\n\nb";
        QCOMPARE(splitInPieces(text, 3, -1), (Split{"a", "b"}));
        QVERIFY(openBlockAtEnd(std::string("x") + std::string(block.open) + " \n") >= 0);
    }
}

void ThinkingSplitterTest::push_tellsThinkingAsItComes() {
    ThinkingSplitter splitter;
    std::vector<TextSegment> out;
    splitter.push("<think>one ", out);
    QCOMPARE(out.size(), std::size_t{1});
    QCOMPARE(out[0].text, std::string("one"));
    QVERIFY(out[0].kind == TextKind::Thinking);
    out.clear();
    splitter.push("two<", out);
    QCOMPARE(out[0].text, std::string(" two"));
    out.clear();
    splitter.push("/think>\n", out);
    QVERIFY(out.empty());
    splitter.push("three", out);
    QCOMPARE(out[0].text, std::string("three"));
    QVERIFY(out[0].kind == TextKind::Answer);
}

void ThinkingSplitterTest::openBlock_isFoundAtPromptEndOnly_data() {
    QTest::addColumn<QString>("prompt");
    QTest::addColumn<bool>("isOpen");
    QTest::newRow("open") << "x<think>" << true;
    QTest::newRow("open, lines") << "x<think>\n\n" << true;
    QTest::newRow("closed") << "<think></think>" << false;
    QTest::newRow("in a question") << "what is <think>?<|im_end|>" << false;
    QTest::newRow("empty") << "" << false;
    QTest::newRow("spaces") << " \n" << false;
}

void ThinkingSplitterTest::openBlock_isFoundAtPromptEndOnly() {
    QFETCH(QString, prompt);
    QFETCH(bool, isOpen);
    QCOMPARE(openBlockAtEnd(prompt.toStdString()) >= 0, isOpen);
}

void ThinkingSplitterTest::isMarkerPart_knowsControlTokensOfMarkers() {
    for (const char* text : {"<think>", "</think>", "[THINK]", "<|channel|>", "<|message|>",
                             "<|start|>", "<|end|>", "<|START_THINKING|>"}) {
        QVERIFY2(isMarkerPart(text), text);
    }
    for (const char* text : {"", "<|im_end|>", "<s>", "<|eot_id|>", "<|begin_of_text|>"}) {
        QVERIFY2(!isMarkerPart(text), text);
    }
}

void ThinkingSplitterTest::push_takesOtherTable() {
    constexpr ThinkingMarkers kOwn[] = {{"((", "))"}};
    ThinkingSplitter splitter(-1, kOwn);
    std::vector<TextSegment> out;
    splitter.push("((a))<think>b", out);
    splitter.finish(out);
    QCOMPARE(out.size(), std::size_t{2});
    QCOMPARE(out[0].text, std::string("a"));
    QCOMPARE(out[1].text, std::string("<think>b"));
}

void ThinkingSplitterTest::push_endlessSpacesStayLinear() {
    ThinkingSplitter splitter;
    std::vector<TextSegment> out;
    for (int count = 0; count < 1'000'000; ++count) splitter.push("\n", out);
    QVERIFY(out.empty());
    splitter.push("x", out);
    QCOMPARE(out.size(), std::size_t{1});
    QCOMPARE(out[0].text.size(), std::size_t{1'000'001});
}

QTEST_APPLESS_MAIN(ThinkingSplitterTest)
#include "thinking_splitter_test.moc"
