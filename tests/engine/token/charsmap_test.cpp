// Character maps: a small one worked out by hand, what the library itself makes, and damaged ones,
// none of which may reach the library.
#include "engine/token/charsmap.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "engine/token/tokenizer_factory.h"
#include "tests/engine/token/token_test_support.h"

using namespace sotto;
using namespace sotto::test;

namespace {

constexpr std::uint32_t kLeaf = 1U << 31U;
constexpr std::uint32_t kHasLeaf = 1U << 8U;

struct Map {
    std::vector<std::uint32_t> units;
    std::string replacements;

    std::string bytes() const {
        std::string all;
        const auto put = [&all](std::size_t value) {
            for (unsigned shift = 0; shift < 32; shift += 8) {
                all += static_cast<char>((value >> shift) & 0xFFU);
            }
        };
        put(units.size() * 4);
        for (const std::uint32_t unit : units) put(unit);
        return all + replacements;
    }
};

std::uint32_t unitOf(std::uint32_t label, std::uint32_t offset) { return label | offset << 10U; }

// "A" becomes "b". The root's children stand at 256 ^ byte, those of "A" at 0x141 ^ 0x200.
Map validMap() {
    Map map;
    map.units.assign(1024, kLeaf);
    map.units[0] = unitOf(0, 256);
    map.units[0x141] = unitOf('A', 0x200) | kHasLeaf;
    map.units[0x341] = kLeaf | 2;
    map.replacements = std::string("x\0b\0", 4);
    return map;
}

// "A", "AA", "AAA" …: `nKeys` of them, each with a value.
Map chainMap(std::uint32_t nKeys) {
    Map map;
    map.units.assign(std::size_t{256} * (nKeys + 2), kLeaf);
    std::uint32_t base = 256;
    map.units[0] = unitOf(0, base);
    for (std::uint32_t key = 0; key < nKeys; ++key) {
        const std::uint32_t index = base ^ 'A';
        base = 256 * (key + 2);
        map.units[index] = unitOf('A', index ^ base) | kHasLeaf;
        map.units[base] = kLeaf;
    }
    map.replacements = std::string("b\0", 2);
    return map;
}

Vocabulary vocabularyWith(const std::string& charsmap) {
    Vocabulary vocabulary;
    vocabulary.model = "t5";
    vocabulary.texts = {"<unk>", "A", "b"};
    vocabulary.scores = {0, -1, -1};
    vocabulary.types = {TokenType::Unknown, TokenType::Normal, TokenType::Normal};
    vocabulary.unknownToken = 0;
    vocabulary.isAddingSpacePrefix = false;
    vocabulary.precompiledCharsmap = charsmap;
    return vocabulary;
}

}  // namespace

class CharsmapTest : public QObject {
    Q_OBJECT

private slots:
    void validMap_isFollowed();
    void libraryMap_isAccepted_data();
    void libraryMap_isAccepted();
    void damagedMap_isRefused_data();
    void damagedMap_isRefused();
    void matches_asManyAsTheLibraryKeeps();
};

void CharsmapTest::validMap_isFollowed() {
    const auto tokenizer = makeTokenizer(vocabularyWith(validMap().bytes()));
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().message.c_str());
    const auto ids = (*tokenizer)->encode("Ab", {false, false});
    QVERIFY(ids);
    QCOMPARE(*ids, (std::vector<std::int32_t>{2, 2}));
}

// The rules that real models are made with.
void CharsmapTest::libraryMap_isAccepted_data() {
    QTest::addColumn<QString>("rule");
    for (const char* rule : {"nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf"}) {
        QTest::newRow(rule) << rule;
    }
}

void CharsmapTest::libraryMap_isAccepted() {
    QFETCH(QString, rule);
    const QString trainer = QStandardPaths::findExecutable("spm_train");
    if (trainer.isEmpty()) QSKIP("spm_train (package sentencepiece) is not here");
    const QTemporaryDir folder;
    const std::string base = folder.path().toStdString();
    std::ofstream(base + "/text") << "the cat sat on the mat\nthe dog sat on the log\n";
    const QStringList arguments{"--input=" + folder.path() + "/text",
                                "--model_prefix=" + folder.path() + "/made",
                                "--vocab_size=20",
                                "--model_type=bpe",
                                "--minloglevel=3",
                                "--normalization_rule_name=" + rule};
    QCOMPARE(QProcess::execute(trainer, arguments), 0);
    const Vocabulary vocabulary = readSentencepieceFile(base + "/made.model");
    QVERIFY(vocabulary.precompiledCharsmap.size() > 100'000);
    const auto status = checkCharsmap(vocabulary.precompiledCharsmap);
    QVERIFY2(status, status ? "" : status.error().message.c_str());
    const auto tokenizer = makeTokenizer(vocabulary);
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().message.c_str());
    // Full-width letters become plain ones under each of the rules.
    QCOMPARE(*(*tokenizer)->encode("\uFF54\uFF48\uFF45", {false, false}),
             *(*tokenizer)->encode("the", {false, false}));
}

void CharsmapTest::damagedMap_isRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char* name, const std::string& bytes) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes);
    };
    const auto changed = [&row](const char* name, auto change) {
        Map map = validMap();
        change(map);
        row(name, map.bytes());
    };
    const std::string valid = validMap().bytes();
    row("too short", valid.substr(0, 3));
    row("trie cut off", valid.substr(0, 2000));
    row("no replacements", valid.substr(0, valid.size() - 4));
    row("replacement without end", valid.substr(0, valid.size() - 1));
    row("size no multiple of a unit", std::string("\x06\0\0\0abcdef\0", 11));
    row("size beyond all", "\xFF\xFF\xFF\xFF" + valid.substr(4));
    row("empty trie", std::string("\0\0\0\0\0", 5));
    changed("root outside", [](Map& map) { map.units[0] = unitOf(0, 1024); });
    changed("root far outside", [](Map& map) { map.units[0] = 0x7FFFFFFFU; });
    changed("child outside", [](Map& map) { map.units[0x141] = unitOf('A', 0x1FFF00) | kHasLeaf; });
    changed("block partly outside", [](Map& map) { map.units.resize(1000); });
    changed("value outside", [](Map& map) { map.units[0x341] = kLeaf | 4; });
    changed("value far outside", [](Map& map) { map.units[0x341] = 0xFFFFFFFFU; });
    changed("cycle", [](Map& map) { map.units[0x141] = unitOf('A', 0x041); });
    changed("replacement of 2 KB",
            [](Map& map) { map.replacements = std::string(2000, 'b') + '\0'; });
    row("too many entries begin alike", chainMap(32).bytes());
}

void CharsmapTest::damagedMap_isRefused() {
    QFETCH(QByteArray, bytes);
    const auto tokenizer = makeTokenizer(vocabularyWith(bytes.toStdString()));
    QVERIFY(!tokenizer);
    QCOMPARE(tokenizer.error().code, ErrorCode::FileDamaged);
    QCOMPARE(tokenizer.error().context, std::string("tokenizer.ggml.precompiled_charsmap"));
}

void CharsmapTest::matches_asManyAsTheLibraryKeeps() {
    QVERIFY(checkCharsmap(chainMap(31).bytes()).has_value());
}

QTEST_APPLESS_MAIN(CharsmapTest)
#include "charsmap_test.moc"
