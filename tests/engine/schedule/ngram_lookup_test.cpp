// The look-up against its definition, by trying all positions, and what is copied from there.
#include <QtTest>
#include <random>

#include "engine/schedule/ngram_lookup.h"

using namespace sotto;

namespace {

using Tokens = std::vector<std::int32_t>;

// The longest run that ends at `end` and is also the end of all; by definition.
std::int64_t agreement(const Tokens& tokens, std::int64_t end) {
    std::int64_t length = 0;
    while (length <= end && length < NgramLookup::kMostMatch &&
           tokens[static_cast<std::size_t>(end - length)] ==
               tokens[tokens.size() - 1 - static_cast<std::size_t>(length)])
        ++length;
    return length;
}

std::optional<NgramLookup::Match> longest(const Tokens& tokens) {
    NgramLookup::Match best;
    for (std::int64_t end = std::ssize(tokens) - 2; end >= 1; --end)
        if (const std::int64_t length = agreement(tokens, end); length > best.length)
            best = {end + 1, length};
    return best.length < NgramLookup::kLeastMatch ? std::nullopt : std::optional(best);
}

}  // namespace

class NgramLookupTest : public QObject {
    Q_OBJECT

private slots:
    // Alphabets of few tokens, so that much repeats, and of many.
    void find_isTheNewestOfTheLongest_data() {
        QTest::addColumn<int>("nKinds");
        for (const int nKinds : {1, 2, 3, 8, 60, 100'000}) QTest::addRow("%d", nKinds) << nKinds;
    }
    void find_isTheNewestOfTheLongest() {
        QFETCH(int, nKinds);
        std::mt19937 random(static_cast<unsigned>(nKinds));
        std::uniform_int_distribution<std::int32_t> token(0, nKinds - 1);
        std::uniform_int_distribution<int> step(1, 5);
        // No chain is longer than those that are looked through.
        constexpr std::size_t kTokens = 60;
        for (int round = 0; round < 20; ++round) {
            NgramLookup lookup(kTokens);
            Tokens tokens;
            while (tokens.size() < kTokens) {
                tokens.push_back(token(random));
                if (step(random) == 1) continue;  // several tokens between two looks
                const auto found = lookup.find(tokens);
                const auto wanted = longest(tokens);
                QCOMPARE(found.has_value(), wanted.has_value());
                if (!found) continue;
                QCOMPARE(found->length, wanted->length);
                QCOMPARE(found->next, wanted->next);
            }
        }
    }

    void longRun_isLookedThroughInBounds() {
        Tokens tokens(5000, 7);
        NgramLookup lookup(5000);
        const auto found = lookup.find(tokens);
        QVERIFY(found);
        QCOMPARE(found->length, NgramLookup::kMostMatch);
        QCOMPARE(found->next, 4999);
    }

    void continuation_goesRoundAtTheEnd() {
        const Tokens tokens{1, 2, 3, 4, 5, 2, 3};
        NgramLookup lookup(16);
        const auto found = lookup.find(tokens);
        QVERIFY(found);
        QCOMPARE(found->next, 3);
        Tokens guesses;
        for (std::size_t n = 0; n < 7; ++n) guesses.push_back(continuation(tokens, {}, *found, n));
        QVERIFY(guesses == (Tokens{4, 5, 2, 3, 4, 5, 2}));
    }

    // What is guessed behind the tokens takes part in a look and leaves nothing behind.
    void guesses_areLookedUpLikeTokens() {
        const Tokens tokens{1, 2, 3, 4, 5, 6, 7, 1};
        NgramLookup lookup(16), fresh(16);
        const auto found = lookup.find(tokens, Tokens{2, 3});
        QVERIFY(found);
        QCOMPARE(found->next, 3);
        QCOMPARE(found->length, 3);
        QCOMPARE(continuation(tokens, Tokens{2, 3}, *found, 0), 4);
        QCOMPARE(continuation(tokens, Tokens{2, 3}, *found, 5), 2);  // the first guess
        QVERIFY(!lookup.find(tokens, Tokens{9, 9}));
        Tokens other = tokens;
        other.insert(other.end(), {5, 6, 1, 2});
        QCOMPARE(lookup.find(other)->next, fresh.find(other)->next);
        QCOMPARE(lookup.find(other)->length, fresh.find(other)->length);
    }

    void restarted_knowsOnlyWhatFollows() {
        NgramLookup lookup(16);
        QVERIFY(lookup.find(Tokens{1, 2, 3, 4, 5, 2, 3}));
        lookup.restart();
        QVERIFY(!lookup.find(Tokens{9, 8, 7, 2, 3}));
        QCOMPARE(lookup.find(Tokens{9, 8, 7, 2, 3, 9, 8})->next, 2);
    }

    void tooFewTokens_findNothing() {
        NgramLookup lookup(4);
        Tokens tokens;
        for (int count = 0; count < 3; ++count) {
            QVERIFY(!lookup.find(tokens));
            tokens.push_back(count);
        }
    }
};

QTEST_APPLESS_MAIN(NgramLookupTest)
#include "ngram_lookup_test.moc"
