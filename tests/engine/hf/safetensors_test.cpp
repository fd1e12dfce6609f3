// The safetensors reader: what is right is read as it lies there, and what is wrong is told in one
// sentence before any byte of it is used.
#include "engine/hf/safetensors.h"

#include <QtTest/QtTest>

#include <cstring>
#include <map>

#include "tests/support/random_floats.h"
#include "tests/support/raw_safetensors.h"

using namespace sotto;

namespace {

test::RawSafetensors twoTensors() {
    test::RawSafetensors raw;
    raw.tensors.push_back({"first", "F32", {2, 3}, test::bytesOf({1, 2, 3, 4, 5, 6})});
    raw.tensors.push_back({"second", "F32", {2}, test::bytesOf({7, 8})});
    return raw;
}

struct WrongFile {
    const char* what;
    const char* header;
    const char* sentence;  // a part of what is told
};

// Behind each: the 32 bytes of data of twoTensors().
constexpr WrongFile kWrongFiles[] = {
    {"no JSON", "{\"first\":", "it is not a JSON document"},
    {"a list", "[1, 2]", "it is not a JSON object"},
    {"no type", "{'first':{'shape':[2],'data_offsets':[0,8]}}", "'first' has no type"},
    {"no shape", "{'first':{'dtype':'F32','data_offsets':[0,8]}}", "'first' has no shape"},
    {"no place", "{'first':{'dtype':'F32','shape':[2]}}", "'first' has no place"},
    {"one offset", "{'first':{'dtype':'F32','shape':[2],'data_offsets':[8]}}", "has no place"},
    {"a negative size", "{'first':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}",
     "a shape that is out of range"},
    {"a product of 2^64",
     "{'first':{'dtype':'F32','shape':[4294967296,4294967296],"
     "'data_offsets':[0,8]}}",
     "a shape that is out of range"},
    {"a size that is none", "{'first':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}}",
     "a shape that is out of range"},
    {"nine dimensions",
     "{'first':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,1],"
     "'data_offsets':[0,4]}}",
     "has no shape"},
    {"offsets in the wrong order", "{'first':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}",
     "a place that is none"},
    {"an offset beyond the file", "{'first':{'dtype':'F32','shape':[2],'data_offsets':[32,40]}}",
     "ends at byte 40 of its data, which has 32"},
    {"an offset of 2^64",
     "{'first':{'dtype':'F32','shape':[2],"
     "'data_offsets':[0,18446744073709551615]}}",
     "a place that is none"},
    {"bytes of another shape", "{'first':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}",
     "takes 8 bytes in its header and 12 by its shape"},
    {"two in one place",
     "{'first':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
     "'second':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}",
     "lies where another one does"},
    {"one name twice",
     "{'first':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
     "'first':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}}",
     "it has 'first' twice"},
};

}  // namespace

class SafetensorsTest : public QObject {
    Q_OBJECT

    static void expectDamage(const std::vector<std::byte>& bytes, const char* sentence) {
        const auto tensors = parseSafetensors(bytes, "w.safetensors");
        QVERIFY(!tensors.has_value());
        QCOMPARE(tensors.error().code, ErrorCode::FileDamaged);
        QVERIFY2(tensors.error().message.find(sentence) != std::string::npos,
                 tensors.error().message.c_str());
    }

private slots:
    void tensors_areReadAsTheyLie() {
        const auto bytes = twoTensors().bytes();
        const auto tensors = parseSafetensors(bytes, "w.safetensors");
        QVERIFY2(tensors.has_value(), tensors ? "" : tensors.error().message.c_str());
        QCOMPARE(tensors->size(), std::size_t{2});
        const StoredTensor& first = tensors->front();
        QCOMPARE(first.name, std::string("first"));
        QCOMPARE(first.type, StoredType::F32);
        QCOMPARE(first.shape, (std::vector<std::int64_t>{2, 3}));
        QCOMPARE(first.elementCount(), std::int64_t{6});
        float last = 0;
        std::memcpy(&last, first.bytes.data() + 5 * sizeof(float), sizeof(last));
        QCOMPARE(last, 6.0f);
        QCOMPARE(tensors->back().bytes.data() + tensors->back().bytes.size(),
                 bytes.data() + bytes.size());
    }

    void notesOfTheWriter_areNoTensor() {
        const auto tensors = parseSafetensors(
            twoTensors().withHeader("{'__metadata__':{'format':'pt'}}"), "w.safetensors");
        QVERIFY(tensors.has_value());
        QVERIFY(tensors->empty());
    }

    void unknownType_isKeptByItsName() {
        test::RawSafetensors raw;
        raw.tensors.push_back({"one", "F4", {2, 2}, {std::byte{1}, std::byte{2}}});
        const auto bytes = raw.bytes();
        const auto tensors = parseSafetensors(bytes, "w.safetensors");
        QVERIFY(tensors.has_value());
        QCOMPARE(tensors->front().type, StoredType::Other);
        QCOMPARE(tensors->front().typeName, std::string("F4"));
    }

    void emptyTensors_mayLieAnywhere() {
        const auto tensors = parseSafetensors(
            twoTensors().withHeader("{'none':{'dtype':'F32','shape':[0,9],'data_offsets':[4,4]},"
                                    "'one':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}"),
            "w.safetensors");
        QVERIFY2(tensors.has_value(), tensors ? "" : tensors.error().message.c_str());
        QCOMPARE(tensors->size(), std::size_t{2});
    }

    void wrongFiles_areToldInOneSentence_data() {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("sentence");
        for (const WrongFile& wrong : kWrongFiles)
            QTest::newRow(wrong.what) << QByteArray(wrong.header) << QByteArray(wrong.sentence);
    }
    void wrongFiles_areToldInOneSentence() {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, sentence);
        expectDamage(twoTensors().withHeader(header.toStdString()), sentence.constData());
    }

    void headersLength_isNotBelieved() {
        std::vector<std::byte> bytes = twoTensors().bytes();
        expectDamage({bytes.begin(), bytes.begin() + 5}, "the header's length");
        const auto withLength = [&](std::uint64_t length) {
            std::memcpy(bytes.data(), &length, sizeof(length));
            return bytes;
        };
        expectDamage(withLength(bytes.size()), "bytes and");
        expectDamage(withLength(UINT64_MAX), "more than the format allows");
        expectDamage(withLength(0), "it is not a JSON document");
    }

    // Whatever a byte becomes: either it is told, or what is given out lies inside the file.
    void damagedBytes_neverLeadOutside() {
        const std::vector<std::byte> right = twoTensors().bytes();
        for (std::size_t place = 0; place < right.size(); ++place)
            for (const int value : {0, 0x22, 0x2d, 0x39, 0x5d, 0x7d, 0xff}) {
                std::vector<std::byte> bytes = right;
                bytes[place] = static_cast<std::byte>(value);
                const auto tensors = parseSafetensors(bytes, "w.safetensors");
                if (!tensors) continue;
                for (const StoredTensor& tensor : *tensors) {
                    if (tensor.bytes.empty()) continue;
                    QVERIFY(tensor.bytes.data() >= bytes.data());
                    QVERIFY(tensor.bytes.data() + tensor.bytes.size() <=
                            bytes.data() + bytes.size());
                }
            }
    }
};

QTEST_APPLESS_MAIN(SafetensorsTest)
#include "safetensors_test.moc"
