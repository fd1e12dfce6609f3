// The breakers of DRY in a model's tokens, found once and not for every request.
#include <QtTest>

#include "engine/token/dry_penalty.h"

using namespace sotto;

namespace {

// Tokens "a", "b:", "c\n"; counts how often it is asked for one.
class CountingTokenizer final : public Tokenizer {
public:
    Result<std::vector<std::int32_t>> encode(std::string_view,
                                             const EncodeOptions&) const override {
        return std::vector<std::int32_t>{0};
    }
    std::string pieceBytes(std::int32_t token, bool) const override {
        ++nAsked;
        return token == 0 ? "a" : token == 1 ? "b:" : "c\n";
    }
    std::string decode(const std::vector<std::int32_t>&, bool) const override { return {}; }
    std::int32_t size() const override { return 3; }
    std::uint64_t fingerprint() const override { return 1; }
    std::int32_t bosToken() const override { return -1; }
    std::int32_t eosToken() const override { return -1; }
    bool isEndOfGeneration(std::int32_t) const override { return false; }
    bool isTurnStart(std::int32_t) const override { return false; }
    bool isAddingBosByDefault() const override { return false; }
    bool isControl(std::int32_t) const override { return false; }
    std::string description() const override { return "counting"; }

    mutable int nAsked = 0;
};

using Tokens = std::vector<std::int32_t>;

}  // namespace

class DryBreakersTest : public QObject {
    Q_OBJECT

private slots:
    void sameBreakers_areFoundOnce() {
        const CountingTokenizer tokenizer;
        DryBreakerCache cache;
        QCOMPARE(cache.find(tokenizer, {":"}).tokens, Tokens{1});
        const int nAsked = tokenizer.nAsked;
        QCOMPARE(cache.find(tokenizer, {":"}).tokens, Tokens{1});
        QCOMPARE(tokenizer.nAsked, nAsked);
    }
    void otherBreakers_areFoundAnew() {
        const CountingTokenizer tokenizer;
        DryBreakerCache cache;
        QCOMPARE(cache.find(tokenizer, {}).tokens, Tokens{});
        QCOMPARE(cache.find(tokenizer, {":", "\n"}).tokens, (Tokens{1, 2}));
        QCOMPARE(cache.find(tokenizer, {"\n"}).tokens, Tokens{2});
    }
};

QTEST_APPLESS_MAIN(DryBreakersTest)
#include "dry_breakers_test.moc"
