// Question sets: the forms of the field, the choice that the logits find likeliest, the number that
// an answer ends with, and the interval of the share.
#include "engine/api/questions.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>

#include "engine/api/evaluate.h"
#include "engine/api/tokenizer.h"
#include "tests/engine/api/two_threads.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

class QuestionsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    LoadOptions m_model;

    std::vector<float> lastLogits(const std::vector<std::int32_t>& tokens) const {
        std::vector<float> last;
        const Status done = evaluateLogits(test::twoThreads(), m_model, tokens,
                                           [&](std::int64_t, std::span<const float> logits) {
                                               last.assign(logits.begin(), logits.end());
                                           },
                                           {});
        return done ? last : std::vector<float>();
    }
    std::vector<std::int32_t> encode(const std::string& text) const {
        const auto tokenizer = loadTokenizer(m_model.path);
        return tokenizer ? encodePrompt(**tokenizer, text).value_or(std::vector<std::int32_t>())
                         : std::vector<std::int32_t>();
    }

private slots:
    void initTestCase();
    void forms_areThoseOfTheField();
    void badLines_areNamed_data();
    void badLines_areNamed();
    void lastNumber_isTheOneThatEndsTheText_data();
    void lastNumber_isTheOneThatEndsTheText();
    void jsonNumbers_areWrittenOut_data();
    void jsonNumbers_areWrittenOut();
    void interval_isWilsons();
    void choice_isTheLikeliestLetter();
    void number_isThatOfTheGreedyAnswer();
    void cancelled_isAnError();
    void badInput_isOneSentence();
};

void QuestionsTest::initTestCase() {
    m_model.path = m_folder.filePath("tiny.gguf").toStdString();
    m_model.kv = {KvType::F32, KvType::F32};
    test::TinyModel model;
    model.chatTemplate = "{{ messages[0].content }} dog ";
    QVERIFY(test::writeTinyModel(model, m_model.path));
}

void QuestionsTest::forms_areThoseOfTheField() {
    const auto questions = parseQuestions(
        "{\"question\": \"Own?\", \"choices\": [\"a\", \"b\", \"c\"], \"answer\": 2}\r\n"
        "\n"
        "{\"question\": \"MMLU?\", \"subject\": \"law\", \"choices\": [\"a\", \"b\"], "
        "\"answer\": \"B\"}\n"
        "{\"id\": 0, \"question\": \"C-Eval?\", \"A\": \"1\", \"B\": \"2\", \"C\": \"3\", "
        "\"D\": \"4\", \"answer\": \"C\", \"explanation\": \"\"}\n"
        "{\"question\": \"GSM8K?\", \"answer\": \"2 * 500 = 1000.\\n#### 1,000\"}\n"
        "{\"question\": \"Number?\", \"answer\": -2.50}",
        "set.jsonl");
    QVERIFY2(questions, questions ? "" : questions.error().message.c_str());
    QCOMPARE(questions->size(), std::size_t{5});
    QCOMPARE((*questions)[0].choices.size(), std::size_t{3});
    QCOMPARE((*questions)[0].answer, std::size_t{2});
    QCOMPARE((*questions)[1].answer, std::size_t{1});
    QCOMPARE((*questions)[2].text, std::string("C-Eval?"));
    QVERIFY(((*questions)[2].choices == std::vector<std::string>{"1", "2", "3", "4"}));
    QCOMPARE((*questions)[2].answer, std::size_t{2});
    QVERIFY((*questions)[3].choices.empty());
    QCOMPARE((*questions)[3].number, std::string("1000"));
    QCOMPARE((*questions)[4].number, std::string("-2.5"));
}

void QuestionsTest::badLines_areNamed_data() {
    QTest::addColumn<QByteArray>("line");
    const auto add = [](const char* name, const char* line) {
        QTest::newRow(name) << QByteArray(line);
    };
    add("no JSON", "what?");
    add("no object", "[1]");
    add("no question", "{\"choices\": [\"a\", \"b\"], \"answer\": 0}");
    add("no answer", "{\"question\": \"q\", \"choices\": [\"a\", \"b\"]}");
    add("answer out of range", "{\"question\": \"q\", \"choices\": [\"a\", \"b\"], \"answer\": 2}");
    add("negative answer", "{\"question\": \"q\", \"choices\": [\"a\", \"b\"], \"answer\": -1}");
    add("letter out of range",
        "{\"question\": \"q\", \"A\": \"a\", \"B\": \"b\", \"answer\": \"C\"}");
    add("one choice", "{\"question\": \"q\", \"choices\": [\"a\"], \"answer\": 0}");
    add("no choice", "{\"question\": \"q\", \"choices\": [], \"answer\": 0}");
    add("choices no list", "{\"question\": \"q\", \"choices\": \"ab\", \"answer\": 0}");
    add("choice no text", "{\"question\": \"q\", \"choices\": [1, 2], \"answer\": 0}");
    add("no number", "{\"question\": \"q\", \"answer\": \"none\"}");
}

void QuestionsTest::badLines_areNamed() {
    QFETCH(const QByteArray, line);
    const QByteArray good = "{\"question\": \"q\", \"answer\": 1}\n";
    const auto questions = parseQuestions((good + line + "\n" + good).toStdString(), "set.jsonl");
    QVERIFY(!questions);
    QCOMPARE(questions.error().code, ErrorCode::InvalidArgument);
    QVERIFY2(questions.error().message.starts_with("Line 2 "), questions.error().message.c_str());
    QCOMPARE(questions.error().context, std::string("set.jsonl"));
}

void QuestionsTest::lastNumber_isTheOneThatEndsTheText_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("number");
    const std::pair<const char*, const char*> cases[] = {
        {"The answer is 18.", "18"},
        {"18", "18"},
        {"She has $1,234.50 left", "1234.5"},
        {"3 + 4 = 7\n#### 7", "7"},
        {"5 - 3", "3"},
        {"5-3", "3"},
        {"it is -3", "-3"},
        {"-3", "-3"},
        {"(-0.0)", "0"},
        {"007", "7"},
        {"0.50", "0.5"},
        {"10.", "10"},
        {"1, 2, 3", "3"},
        {"v1.2.3 is", "2.3"},
        {"1,000.000.0", "0"},
        {"1.000,5", "5"},
        {"none", ""},
        {"", ""},
        {"100", "100"},
        {"00.500", "0.5"},
        {"**-18**", "-18"},
        {"\\boxed{-18}", "-18"},
        {"x=-18", "-18"},
        // U+2212.
        {"it is −18", "-18"},
        {"−18", "-18"},
        {"5−3", "3"},
        {"x-3", "3"},
        {"(5)-3", "3"},
        {"(3,4)", "4"},
        {"1,234,567", "1234567"},
        {"12,3456", "3456"},
        {"1,23", "23"},
        {"-1,234.5", "-1234.5"},
    };
    for (const auto& [text, number] : cases)
        QTest::newRow(*text == 0 ? "nothing" : text) << text << number;
}

void QuestionsTest::lastNumber_isTheOneThatEndsTheText() {
    QFETCH(const QString, text);
    QFETCH(const QString, number);
    QCOMPARE(QString::fromStdString(lastNumber(text.toStdString())), number);
}

void QuestionsTest::jsonNumbers_areWrittenOut_data() {
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("number");
    const std::pair<const char*, const char*> cases[] = {
        {"1e-5", "0.00001"},
        {"1e16", "10000000000000000"},
        {"-2.5e-7", "-0.00000025"},
        {"10000000.1", "10000000.1"},
        {"18.0", "18"},
        {"-0.0", "0"},
        {"-18", "-18"},
        {"18446744073709551615", "18446744073709551615"},
    };
    for (const auto& [json, number] : cases) QTest::newRow(json) << QByteArray(json) << number;
}

void QuestionsTest::jsonNumbers_areWrittenOut() {
    QFETCH(const QByteArray, json);
    QFETCH(const QString, number);
    const auto questions =
        parseQuestions("{\"question\": \"q\", \"answer\": " + json.toStdString() + "}", "set");
    QVERIFY2(questions, questions ? "" : questions.error().message.c_str());
    QCOMPARE(QString::fromStdString(questions->front().number), number);
}

// Wilson's interval solves |p - share| = z sqrt(p (1 - p) / n) for p.
void QuestionsTest::interval_isWilsons() {
    constexpr double kZ = 1.959964;
    for (const auto& [nRight, n] : {std::pair(0, 1), {0, 20}, {1, 1}, {7, 20}, {120, 200}}) {
        std::vector<bool> isRight(static_cast<std::size_t>(n), false);
        std::fill_n(isRight.begin(), nRight, true);
        const QuestionScores scores = questionScores(isRight);
        const double share = double(nRight) / n;
        QCOMPARE(scores.nRight, nRight);
        QCOMPARE(scores.accuracy, share);
        QVERIFY(scores.low >= 0 && scores.low <= share && share <= scores.high + 1e-12);
        QVERIFY(scores.high <= 1);
        for (const double p : {scores.low, scores.high})
            // Some roundings of numbers up to 1; the root of one of 1e-16 is 1e-8.
            QVERIFY(std::fabs(std::fabs(p - share) - kZ * std::sqrt(p * (1 - p) / n)) < 1e-7);
    }
}

void QuestionsTest::choice_isTheLikeliestLetter() {
    std::vector<Question> questions;
    std::vector<bool> expected;
    for (const std::string text : {"the cat?", "the dog ran?", "\xe7\x8c\xab\xef\xbc\x9f"}) {
        Question question{text, {"the mat", "a dog", "the cat"}, 0, {}};
        const bool isChinese = text.size() == 6;
        const std::string prompt =
            text + "\nA. the mat\nB. a dog\nC. the cat" +
            (isChinese ? "\n\xe7\xad\x94\xe6\xa1\x88\xef\xbc\x9a" : "\nAnswer:");
        std::size_t best = 0;
        double greatest = -INFINITY;
        for (std::size_t choice = 0; choice < 3; ++choice) {
            std::vector<std::int32_t> tokens =
                encode(prompt + (isChinese ? "" : " ") + char('A' + choice));
            QVERIFY(!tokens.empty());
            const std::int32_t letter = tokens.back();
            tokens.pop_back();
            const std::vector<float> logits = lastLogits(tokens);
            QVERIFY(!logits.empty());
            const float logit = logits[static_cast<std::size_t>(letter)];
            if (logit > greatest) {
                greatest = logit;
                best = choice;
            }
        }
        for (std::size_t answer = 0; answer < 3; ++answer) {
            question.answer = answer;
            questions.push_back(question);
            expected.push_back(answer == best);
        }
    }
    const auto scores = answerQuestions(test::twoThreads(), m_model, questions, {}, {});
    QVERIFY2(scores, scores ? "" : scores.error().message.c_str());
    QVERIFY(scores->isRight == expected);
    QCOMPARE(scores->nRight, std::int64_t{3});
}

void QuestionsTest::number_isThatOfTheGreedyAnswer() {
    std::vector<std::int32_t> tokens = encode("the cat dog ");
    const std::size_t nPrompt = tokens.size();
    const auto tokenizer = loadTokenizer(m_model.path);
    QVERIFY(tokenizer);
    for (int step = 0; step < 40; ++step) {
        const std::vector<float> logits = lastLogits(tokens);
        const auto best = static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) -
                                                    logits.begin());
        if ((*tokenizer)->isEndOfGeneration(best)) break;
        tokens.push_back(best);
    }
    const std::string answer =
        (*tokenizer)
            ->decode({tokens.begin() + static_cast<std::ptrdiff_t>(nPrompt), tokens.end()}, false);
    QuestionOptions options;
    options.maxAnswerTokens = 40;
    // What random weights write has a number or not: right is what ends it, and nothing else.
    const std::vector<Question> questions{{"the cat", {}, 0, lastNumber(answer)},
                                          {"the cat", {}, 0, lastNumber(answer) + "1"}};
    const auto scores = answerQuestions(test::twoThreads(), m_model, questions, options, {});
    QVERIFY2(scores, scores ? "" : scores.error().message.c_str());
    QVERIFY((scores->isRight == std::vector<bool>{true, false}));
}

void QuestionsTest::cancelled_isAnError() {
    const std::vector<Question> questions(3, {"the cat?", {"a", "b"}, 0, {}});
    for (std::int64_t last = 0; last <= 3; ++last) {
        const auto scores =
            answerQuestions(test::twoThreads(), m_model, questions, {},
                            [&](std::int64_t done, std::int64_t) { return done < last; });
        QVERIFY(!scores);
        QCOMPARE(scores.error().code, ErrorCode::Cancelled);
    }
}

void QuestionsTest::badInput_isOneSentence() {
    const auto code = [&](const LoadOptions& model, const std::vector<Question>& questions) {
        const auto scores = answerQuestions(test::twoThreads(), model, questions, {}, {});
        return scores ? ErrorCode::Internal : scores.error().code;
    };
    QCOMPARE(code(m_model, {}), ErrorCode::InvalidArgument);
    std::string longer;
    for (int word = 0; word < 300; ++word) longer += "the cat ";
    QCOMPARE(code(m_model, {{longer, {"a", "b"}, 0, {}}}), ErrorCode::InvalidArgument);
    QCOMPARE(code(m_model, {{"the \xff cat", {"a", "b"}, 0, {}}}), ErrorCode::InvalidArgument);
    LoadOptions gone;
    gone.path = m_folder.filePath("none.gguf").toStdString();
    QCOMPARE(code(gone, {{"the cat?", {"a", "b"}, 0, {}}}), ErrorCode::FileNotFound);
    QCOMPARE(parseQuestions("\n \n", "set").error().code, ErrorCode::InvalidArgument);
}

QTEST_APPLESS_MAIN(QuestionsTest)
#include "questions_test.moc"
