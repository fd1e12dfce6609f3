// Random damage: whatever the bytes are, the reader refuses them with a sentence or gives a file
// whose views lie inside the bytes. Meant for the asan preset; the fuzz target goes further.
#include <QtTest/QtTest>

#include <algorithm>
#include <array>
#include <random>

#include "engine/gguf/gguf_reader.h"
#include "tests/support/gguf_invariants.h"
#include "tests/support/raw_gguf.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

constexpr int kMutations = 4000;

// The values that break arithmetic.
constexpr std::array<std::uint64_t, 10> kOddNumbers{
    0,          1,          0x7f,
    0xff,       0xffffffff, 0x7fffffffffffffff,
    ~0ull,      ~0ull - 31, 0x8000000000000000,
    1ull << 47,
};

// A small model: one layer, short vocabulary data would not change what is tested.
std::vector<std::byte> smallModel() {
    test::TinyModel model;
    model.nLayers = 1;
    model.nEmbd = 32;
    model.nFf = 32;
    model.nHeads = 2;
    model.nKvHeads = 1;
    model = test::withTypes(model, DType::Q8_0);
    return *test::tinyModelBytes(model);
}

// One to four changes: a flipped bit, a replaced byte, or an odd number over 4 or 8 bytes.
void mutate(std::vector<std::byte>& bytes, std::mt19937_64& random, std::size_t reach) {
    const std::uint64_t nChanges = 1 + random() % 4;
    for (std::uint64_t change = 0; change < nChanges; ++change) {
        const std::size_t position = random() % std::min(reach, bytes.size());
        switch (random() % 4) {
            case 0: bytes[position] ^= static_cast<std::byte>(1u << (random() % 8)); break;
            case 1: bytes[position] = static_cast<std::byte>(random()); break;
            case 2:
            case 3: {
                const std::uint64_t odd = kOddNumbers[random() % kOddNumbers.size()];
                const std::size_t width =
                    std::min<std::size_t>(random() % 2 == 0 ? 4 : 8, bytes.size() - position);
                const auto* const raw = reinterpret_cast<const std::byte*>(&odd);
                std::copy_n(raw, width, bytes.begin() + static_cast<std::ptrdiff_t>(position));
                break;
            }
        }
    }
    if (random() % 16 == 0) bytes.resize(1 + random() % bytes.size());
}

}  // namespace

class GgufMutationTest : public QObject {
    Q_OBJECT

    void run(const std::vector<std::byte>& valid, std::size_t reach, std::uint64_t seed) {
        std::mt19937_64 random(seed);
        int nAccepted = 0;
        for (int round = 0; round < kMutations; ++round) {
            std::vector<std::byte> bytes = valid;
            mutate(bytes, random, reach);
            const auto file = GgufFile::parse(bytes, "mutant");
            if (!file) {
                QVERIFY2(!file.error().message.empty(), qPrintable(QString::number(round)));
                continue;
            }
            ++nAccepted;
            const std::string broken = test::brokenInvariant(*file, bytes);
            QVERIFY2(broken.empty(),
                     qPrintable(QString("round %1: %2").arg(round).arg(broken.c_str())));
        }
        // Both outcomes must have happened, or the mutations test nothing.
        QVERIFY(nAccepted > 0);
        QVERIFY(nAccepted < kMutations);
    }

private slots:
    void parse_survivesMutationsOfARawFile() {
        const auto valid = test::RawGguf().bytes();
        run(valid, valid.size(), 20261120);
    }

    void parse_survivesMutationsOfAModel() {
        const auto valid = smallModel();
        const auto file = GgufFile::parse(valid, "model");
        QVERIFY2(file.has_value(), file ? "" : file.error().message.c_str());
        // Everything before the first tensor's bytes: the rest is only numbers.
        const auto reach =
            static_cast<std::size_t>(file->tensors().front().bytes.data() - valid.data());
        run(valid, reach, 1);
    }

    void parse_survivesNoise() {
        std::mt19937_64 random(7);
        for (int round = 0; round < kMutations; ++round) {
            std::vector<std::byte> bytes(random() % 200);
            std::generate(bytes.begin(), bytes.end(),
                          [&random] { return static_cast<std::byte>(random()); });
            // Half of the rounds get past the magic number and the version.
            if (round % 2 == 0 && bytes.size() >= 8) {
                constexpr std::array<unsigned char, 8> kStart{'G', 'G', 'U', 'F', 3, 0, 0, 0};
                for (std::size_t index = 0; index < kStart.size(); ++index)
                    bytes[index] = static_cast<std::byte>(kStart[index]);
            }
            QVERIFY(!GgufFile::parse(bytes, "noise").has_value());
        }
    }
};

QTEST_APPLESS_MAIN(GgufMutationTest)
#include "gguf_mutation_test.moc"
