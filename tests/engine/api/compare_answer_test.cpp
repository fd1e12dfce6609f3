// Teacher-forced comparison: what each model tells of an answer is what its logits say, position by
// position.
#include "engine/api/compare_answer.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>

#include "engine/api/evaluate.h"
#include "engine/api/tokenizer.h"
#include "tests/engine/api/two_threads.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

class CompareAnswerTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    LoadOptions m_reference, m_other;

    LoadOptions write(const char* name, const test::TinyModel& model) const {
        LoadOptions options;
        options.path = m_folder.filePath(name).toStdString();
        options.kv = {KvType::F32, KvType::F32};
        if (!test::writeTinyModel(model, options.path)) options.path.clear();
        return options;
    }
    static std::vector<std::vector<float>> logitsOf(const LoadOptions& model,
                                                    const std::vector<std::int32_t>& tokens) {
        std::vector<std::vector<float>> rows;
        const Status done = evaluateLogits(test::twoThreads(), model, tokens,
                                           [&](std::int64_t, std::span<const float> logits) {
                                               rows.emplace_back(logits.begin(), logits.end());
                                           },
                                           {});
        return done ? rows : std::vector<std::vector<float>>();
    }

private slots:
    void initTestCase() {
        m_reference = write("reference.gguf", {});
        test::TinyModel other;
        other.seed = 2;
        m_other = write("other.gguf", other);
        QVERIFY(!m_reference.path.empty() && !m_other.path.empty());
    }
    void everyToken_isJudgedByTheLogitsBeforeIt();
    void ownGreedyAnswer_isTheReferencesChoiceThroughout();
    void chat_isReadAsTheReferenceReadsIt();
    void cancelled_isAnErrorAtAnyPoint();
    void badInput_isOneSentence();
};

void CompareAnswerTest::everyToken_isJudgedByTheLogitsBeforeIt() {
    const std::vector<std::int32_t> prompt{1, 20, 30}, answer{40, 50, 60, 70};
    std::vector<std::pair<std::size_t, std::size_t>> told;
    const auto compared =
        compareAnswer(test::twoThreads(), {m_reference, m_other}, {TokenPrompt{prompt}, answer},
                      [&](std::size_t model, std::size_t position, const AnswerToken* token) {
                          if (token != nullptr) told.emplace_back(model, position);
                          return true;
                      });
    QVERIFY2(compared, compared ? "" : compared.error().message.c_str());
    QCOMPARE(compared->size(), std::size_t{2});
    std::vector<std::int32_t> all = prompt;
    all.insert(all.end(), answer.begin(), answer.end());
    const auto tokenizer = loadTokenizer(m_reference.path);
    QVERIFY(tokenizer);
    std::vector<std::pair<std::size_t, std::size_t>> expectedOrder;
    for (std::size_t model = 0; model < 2; ++model) {
        const auto rows = logitsOf(model == 0 ? m_reference : m_other, all);
        QCOMPARE((*compared)[model].size(), answer.size());
        for (std::size_t position = 0; position < answer.size(); ++position) {
            const std::vector<float>& row = rows[prompt.size() - 1 + position];
            const auto best =
                static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
            double sum = 0;
            for (const float logit : row) sum += std::exp(double(logit));
            const AnswerToken& token = (*compared)[model][position];
            QCOMPARE(token.token, answer[position]);
            QCOMPARE(token.choice, static_cast<std::int32_t>(best));
            QCOMPARE(token.choiceText, (*tokenizer)->pieceBytes(token.choice, true));
            // Steps of other rows may sum in another order.
            const auto given = static_cast<std::size_t>(answer[position]);
            QVERIFY(std::fabs(token.probability - std::exp(double(row[given])) / sum) < 1e-5);
            QVERIFY(std::fabs(token.choiceProbability - std::exp(double(row[best])) / sum) < 1e-5);
            expectedOrder.emplace_back(model, position);
        }
    }
    QVERIFY(told == expectedOrder);
}

void CompareAnswerTest::ownGreedyAnswer_isTheReferencesChoiceThroughout() {
    std::vector<std::int32_t> all{1, 20, 30};
    for (int step = 0; step < 6; ++step) {
        const std::vector<float> row = logitsOf(m_reference, all).back();
        all.push_back(
            static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
    }
    const std::vector<std::int32_t> answer(all.begin() + 3, all.end());
    const auto compared = compareAnswer(test::twoThreads(), {m_reference, m_other},
                                        {TokenPrompt{{1, 20, 30}}, answer}, {});
    QVERIFY(compared);
    const auto isSame = [](const AnswerToken& token) { return token.isSame(); };
    QVERIFY(std::ranges::all_of((*compared)[0], isSame));
    // A model of other random weights agrees by chance alone, one in 320 at each place.
    QVERIFY(!std::ranges::all_of((*compared)[1], isSame));
}

void CompareAnswerTest::chat_isReadAsTheReferenceReadsIt() {
    test::TinyModel model;
    model.chatTemplate = "{{ messages[0].content }} dog ";
    const LoadOptions reference = write("chat.gguf", model);
    ChatPrompt chat;
    chat.messages.push_back({Role::User, "the cat", {}});
    const auto asChat =
        compareAnswer(test::twoThreads(), {reference, m_other}, {chat, {40, 50}}, {});
    QVERIFY2(asChat, asChat ? "" : asChat.error().message.c_str());
    const auto tokenizer = loadTokenizer(reference.path);
    QVERIFY(tokenizer);
    const auto asTokens =
        compareAnswer(test::twoThreads(), {reference, m_other},
                      {TokenPrompt{*encodePrompt(**tokenizer, "the cat dog ")}, {40, 50}}, {});
    QVERIFY(asTokens);
    for (std::size_t index = 0; index < 2; ++index)
        QCOMPARE((*asChat)[1][index].probability, (*asTokens)[1][index].probability);
}

void CompareAnswerTest::cancelled_isAnErrorAtAnyPoint() {
    const auto run = [&](int last) {
        int call = 0;
        return compareAnswer(
            test::twoThreads(), {m_reference, m_other}, {TokenPrompt{{1, 20}}, {40, 50}},
            [&](std::size_t, std::size_t, const AnswerToken*) { return call++ < last; });
    };
    int nCalls = 0;
    while (!run(nCalls)) {
        QCOMPARE(run(nCalls).error().code, ErrorCode::Cancelled);
        QVERIFY(++nCalls < 1000);
    }
    QVERIFY(nCalls >= 4);
}

void CompareAnswerTest::badInput_isOneSentence() {
    const auto code = [&](const std::vector<LoadOptions>& models, const AnswerToCompare& answer) {
        const auto compared = compareAnswer(test::twoThreads(), models, answer, {});
        return compared ? ErrorCode::Internal : compared.error().code;
    };
    const std::vector<LoadOptions> models{m_reference, m_other};
    const TokenPrompt prompt{{1, 20}};
    QCOMPARE(code({m_reference}, {prompt, {40}}), ErrorCode::InvalidArgument);
    QCOMPARE(code(models, {prompt, {}}), ErrorCode::InvalidArgument);
    QCOMPARE(code(models, {TokenPrompt{}, {40}}), ErrorCode::InvalidArgument);
    QCOMPARE(code(models, {prompt, {320}}), ErrorCode::InvalidArgument);
    QCOMPARE(code(models, {prompt, {-1}}), ErrorCode::InvalidArgument);
    QCOMPARE(code(models, {prompt, std::vector<std::int32_t>(300, 40)}),
             ErrorCode::InvalidArgument);
    LoadOptions gone = m_other;
    gone.path = m_folder.filePath("none.gguf").toStdString();
    QCOMPARE(code({m_reference, gone}, {prompt, {40}}), ErrorCode::FileNotFound);
}

QTEST_APPLESS_MAIN(CompareAnswerTest)
#include "compare_answer_test.moc"
