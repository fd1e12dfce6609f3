// Stop strings against their definition: search the whole text, wherever it was cut.
#include "engine/token/stop_matcher.h"

#include <QtTest>
#include <random>

using namespace sotto;

namespace {

struct Expected {
    std::string text;
    std::string stop;
};

// The definition: of all occurrences the one that ends first, the longest of those that end there.
Expected naive(const std::string& text, const std::vector<std::string>& stops) {
    for (std::size_t end = 1; end <= text.size(); ++end) {
        std::string longest;
        for (const auto& stop : stops) {
            const bool isEnding = !stop.empty() && text.substr(0, end).ends_with(stop);
            if (isEnding && stop.size() > longest.size()) longest = stop;
        }
        if (!longest.empty()) return {text.substr(0, end - longest.size()), longest};
    }
    return {text, ""};
}

// Whether `told` may be shown already: all text before the longest ending that begins a stop.
std::size_t nMayBeTold(const std::string& text, const std::vector<std::string>& stops) {
    std::size_t nHeld = 0;
    for (const auto& stop : stops) {
        for (std::size_t length = 1; length < stop.size() && length <= text.size(); ++length) {
            if (text.ends_with(stop.substr(0, length))) nHeld = std::max(nHeld, length);
        }
    }
    return text.size() - nHeld;
}

}  // namespace

class StopMatcherTest : public QObject {
    Q_OBJECT

private slots:
    void push_matchesDefinitionHoweverCut_data();
    void push_matchesDefinitionHoweverCut();
    void push_holdsBackOnlyWhatMayBeAStop();
    void push_isSilentAfterStop();
    void push_nothingToFindPassesThrough();
    void push_longRunsStayLinear();
};

void StopMatcherTest::push_matchesDefinitionHoweverCut_data() {
    QTest::addColumn<QStringList>("stops");
    QTest::newRow("one") << QStringList{"ab"};
    QTest::newRow("overlapping") << QStringList{"aab", "ab", "ba"};
    QTest::newRow("one inside another") << QStringList{"abab", "b"};
    QTest::newRow("repetitive") << QStringList{"aaab", "aabaab"};
    QTest::newRow("empty among them") << QStringList{"", "bb"};
    QTest::newRow("equal") << QStringList{"abb", "abb"};
}

void StopMatcherTest::push_matchesDefinitionHoweverCut() {
    QFETCH(QStringList, stops);
    std::vector<std::string> strings;
    for (const auto& stop : stops) strings.push_back(stop.toStdString());
    std::mt19937_64 random(5);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (std::size_t length = random() % 14; length > 0; --length) text += "aabc"[random() % 4];
        StopMatcher matcher(strings);
        std::string told;
        for (std::size_t start = 0; start < text.size();) {
            const std::size_t length = 1 + random() % 4;
            told += matcher.push(std::string_view(text).substr(start, length));
            start += length;
            const std::string soFar = text.substr(0, start);
            if (!matcher.isStopped()) QCOMPARE(told.size(), nMayBeTold(soFar, strings));
        }
        told += matcher.flush();
        const Expected expected = naive(text, strings);
        QCOMPARE(told, expected.text);
        QCOMPARE(matcher.stopString(), expected.stop);
    }
}

void StopMatcherTest::push_holdsBackOnlyWhatMayBeAStop() {
    StopMatcher matcher({"\nUser:"});
    QCOMPARE(matcher.push("Hello\nUs"), std::string("Hello"));
    QCOMPARE(matcher.push("ual"), std::string("\nUsual"));
    QCOMPARE(matcher.push("\nUser"), std::string());
    QCOMPARE(matcher.flush(), std::string("\nUser"));
    QVERIFY(!matcher.isStopped());
    StopMatcher emoji({"\xF0\x9F\x98\x80!"});
    QCOMPARE(emoji.push("\xF0\x9F\x98\x80"), std::string());
    QCOMPARE(emoji.push("?"), std::string("\xF0\x9F\x98\x80?"));
}

void StopMatcherTest::push_isSilentAfterStop() {
    StopMatcher matcher({"END"});
    QCOMPARE(matcher.push("a END b"), std::string("a "));
    QVERIFY(matcher.isStopped());
    QCOMPARE(matcher.stopString(), std::string("END"));
    QCOMPARE(matcher.push("more"), std::string());
    QCOMPARE(matcher.flush(), std::string());
}

void StopMatcherTest::push_nothingToFindPassesThrough() {
    StopMatcher none({});
    QCOMPARE(none.push("text"), std::string("text"));
    StopMatcher empty({"", ""});
    QCOMPARE(empty.push("text"), std::string("text"));
    QCOMPARE(empty.flush(), std::string());
    QVERIFY(!empty.isStopped());
}

void StopMatcherTest::push_longRunsStayLinear() {
    // The worst case of naive search: 10^6 characters against 10^5; the time limit is the judge.
    StopMatcher matcher({std::string(100'000, 'a') + 'b'});
    std::string told;
    for (int count = 0; count < 1'000'000; ++count) told += matcher.push("a");
    QCOMPARE(told.size(), std::size_t{900'000});
    told += matcher.push("b");
    QVERIFY(matcher.isStopped());
    QCOMPARE(told.size(), std::size_t{900'000});
}

QTEST_APPLESS_MAIN(StopMatcherTest)
#include "stop_matcher_test.moc"
