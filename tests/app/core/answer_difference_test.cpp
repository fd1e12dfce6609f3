// The first difference of two answers by token and by word, and the words behind it against the
// definition of a longest common subsequence.
#include "app/core/compare/answer_difference.h"

#include <QTest>
#include <random>

using namespace sotto;
using namespace sotto::app;

namespace {

using Texts = std::vector<std::string>;

// Ids are made of the texts: the same text has the same id.
WrittenAnswer answerOf(const Texts& tokens, bool isEnded = true) {
    WrittenAnswer answer;
    for (const std::string& text : tokens) {
        WrittenToken token;
        token.id = static_cast<std::int32_t>(std::hash<std::string>{}(text)&0x7fffffff);
        token.probability = 0.5f + 0.01f * static_cast<float>(answer.tokens.size());
        token.piece = text;
        token.text.begin = answer.text.size();
        answer.text += text;
        token.text.end = answer.text.size();
        answer.tokens.push_back(token);
    }
    answer.isOver = answer.isEnded = isEnded;
    return answer;
}

std::string at(const std::string& text, TextSpan span) {
    return text.substr(span.begin, span.end - span.begin);
}

Texts textsOf(const std::string& text, const std::vector<TextSpan>& spans) {
    Texts texts;
    for (const TextSpan span : spans) texts.push_back(at(text, span));
    return texts;
}

// By the definition: every subset of the words of `text`, the longest that the reference has.
std::size_t longestCommon(const Texts& reference, const Texts& text) {
    std::size_t longest = 0;
    for (unsigned subset = 0; subset < 1u << text.size(); ++subset) {
        std::size_t from = 0, nKept = 0;
        bool isCommon = true;
        for (std::size_t word = 0; word < text.size() && isCommon; ++word) {
            if ((subset >> word & 1u) == 0) continue;
            const auto found =
                std::find(reference.begin() + std::ptrdiff_t(from), reference.end(), text[word]);
            isCommon = found != reference.end();
            from = static_cast<std::size_t>(found - reference.begin()) + 1;
            ++nKept;
        }
        if (isCommon) longest = std::max(longest, nKept);
    }
    return longest;
}

std::string joined(const Texts& words) {
    std::string text;
    for (const std::string& word : words) text += word + " ";
    return text;
}

bool isSubsequence(const Texts& some, const Texts& all) {
    std::size_t from = 0;
    for (const std::string& word : some) {
        while (from < all.size() && all[from] != word) ++from;
        if (from++ >= all.size()) return false;
    }
    return true;
}

}  // namespace

class AnswerDifferenceTest : public QObject {
    Q_OBJECT

private slots:
    void firstToken_isTheOneWithAnotherId() {
        const auto reference = answerOf({"The", " light", " is", " scattered", " away", " here"});
        const auto answer = answerOf({"The", " light", " is", " scattered", " out", " here"});
        const auto difference = compareAnswers(reference, answer, true);
        QVERIFY(difference.isThere && !difference.isByText);
        QCOMPARE(difference.index, std::size_t(4));
        QCOMPARE(difference.text, std::string(" out"));
        QCOMPARE(difference.referenceText, std::string(" away"));
        QCOMPARE(difference.probability, answer.tokens[4].probability);
        QCOMPARE(difference.referenceProbability, reference.tokens[4].probability);
        QCOMPARE(answer.text.substr(0, difference.commonBytes),
                 std::string("The light is scattered"));
        QCOMPARE(at(answer.text, difference.mark), std::string("out"));
        QVERIFY(difference.changed.empty());
    }
    // "wave" + "length" is another way than "wavelength", though the text is the same.
    void sameText_ofOtherTokens_differs() {
        const auto difference = compareAnswers(answerOf({"A ", "wavelength"}),
                                               answerOf({"A ", "wave", "length"}), true);
        QVERIFY(difference.isThere);
        QCOMPARE(difference.index, std::size_t(1));
    }
    void answerThatIsBeingWritten_doesNotDifferByItsLength() {
        const auto reference = answerOf({"One", " two", " three"});
        const auto part = answerOf({"One", " two"}, false);
        QVERIFY(!compareAnswers(reference, part, true).isThere);
        QCOMPARE(compareAnswers(reference, part, true).commonBytes, part.text.size());
        QVERIFY(!compareAnswers(reference, part, false).isThere);
        // Nor one that its limit ended.
        auto cut = part;
        cut.isOver = true;
        QVERIFY(!compareAnswers(reference, cut, true).isThere);
    }
    void end_isADifference() {
        const auto longer = answerOf({"One", " two", " three"});
        const auto shorter = answerOf({"One", " two"});
        auto difference = compareAnswers(longer, shorter, true);
        QVERIFY(difference.isThere);
        QCOMPARE(difference.index, std::size_t(2));
        QVERIFY(difference.text.empty());
        QCOMPARE(difference.referenceText, std::string(" three"));
        QCOMPARE(difference.commonBytes, shorter.text.size());
        difference = compareAnswers(shorter, longer, true);
        QVERIFY(difference.isThere);
        QCOMPARE(difference.text, std::string(" three"));
        QVERIFY(difference.referenceText.empty());
    }
    void halfACharacter_isMarkedWithItsOtherHalf() {
        auto reference = answerOf({"a", "b"});
        auto answer = answerOf({"a", "", "\xE5\xA4\xA9"});
        answer.tokens[1].id = 77;
        answer.tokens[1].piece = "\xEF\xBF\xBD";
        const auto difference = compareAnswers(reference, answer, true);
        QCOMPARE(difference.index, std::size_t(1));
        QCOMPARE(at(answer.text, difference.mark), std::string("\xE5\xA4\xA9"));
    }
    void otherVocabulary_isComparedByWord() {
        const auto reference = answerOf({"The sky", " is blue", " today."});
        const auto answer = answerOf({"The", "  sky is", " grey", " today", "."});
        const auto difference = compareAnswers(reference, answer, false);
        QVERIFY(difference.isThere && difference.isByText);
        QCOMPARE(difference.index, std::size_t(3));
        QCOMPARE(difference.text, std::string("grey"));
        QCOMPARE(difference.referenceText, std::string("blue"));
        QCOMPARE(difference.probability, 0.0f);
        QVERIFY(difference.changed.empty());
    }
    // The ids of two vocabularies may begin alike by chance.
    void idWithTwoPieces_isAnotherVocabulary() {
        auto reference = answerOf({"The", " sky"}), answer = answerOf({"Die", " sky"});
        answer.tokens[0].id = reference.tokens[0].id;
        const auto difference = compareAnswers(reference, answer, true);
        QVERIFY(difference.isByText);
        QCOMPARE(difference.text, std::string("Die"));
    }
    void laterWords_areMarkedOneByOne() {
        const auto reference = answerOf({"It", " goes", " away on the path, and it is red."});
        const auto answer = answerOf({"It", " goes", " out along the way, and it is red."});
        const auto difference = compareAnswers(reference, answer, true);
        QCOMPARE(textsOf(answer.text, difference.changed), Texts());
        const auto other = answerOf({"It", " goes", " out", " along the way, and it is red."});
        QCOMPARE(textsOf(other.text, compareAnswers(reference, other, true).changed),
                 (Texts{"along", "way"}));
    }
    void words_ofChinese_areCharacters() {
        const std::string text = "Qwen3 天空是蓝色，why?";
        QCOMPARE(textsOf(text, wordsOf(text)),
                 (Texts{"Qwen3", "天", "空", "是", "蓝", "色", "，", "why", "?"}));
        QVERIFY(wordsOf("").empty());
        QCOMPARE(wordsOf("\xE5\xA4").size(), std::size_t(1));  // cut off: counted as letters
    }
    void changedWords_areTheRestOfALongestCommonSubsequence() {
        std::mt19937 random(15);
        std::uniform_int_distribution<int> length(0, 9), letter(0, 3);
        for (int round = 0; round < 400; ++round) {
            Texts reference, text;
            for (int n = length(random); n > 0; --n)
                reference.emplace_back(1, static_cast<char>('a' + letter(random)));
            for (int n = length(random); n > 0; --n)
                text.emplace_back(1, static_cast<char>('a' + letter(random)));
            const std::string line = joined(text);
            const std::vector<TextSpan> changed = changedWords(joined(reference), line);
            Texts kept;
            for (const TextSpan word : wordsOf(line))
                if (std::find(changed.begin(), changed.end(), word) == changed.end())
                    kept.push_back(at(line, word));
            QVERIFY(isSubsequence(kept, reference));
            QCOMPARE(kept.size(), longestCommon(reference, text));
        }
    }
};

QTEST_APPLESS_MAIN(AnswerDifferenceTest)
#include "answer_difference_test.moc"
