#include "base/mapped_file.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <filesystem>
#include <string>
#include <utility>

#include "tests/support/golden_files.h"
#include "tests/support/process_limits.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

std::vector<std::byte> someBytes(std::size_t count) {
    std::vector<std::byte> bytes(count);
    for (std::size_t index = 0; index < count; ++index)
        bytes[index] = static_cast<std::byte>(index * 7);
    return bytes;
}

bool contains(const Error& error, std::string_view part) {
    return error.message.find(part) != std::string::npos;
}

}  // namespace

class MappedFileTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void open_mapsAllBytes() {
        // Around a page border, where the mapping's tail is zero-filled.
        for (const std::size_t size : {std::size_t{1}, std::size_t{4095}, std::size_t{4096},
                                       std::size_t{4097}, std::size_t{100000}}) {
            const auto expected = someBytes(size);
            QVERIFY(test::writeBytes(at("file"), expected));
            const auto mapped = MappedFile::open(at("file"));
            QVERIFY(mapped.has_value());
            QCOMPARE(mapped->bytes().size(), size);
            QVERIFY(std::equal(expected.begin(), expected.end(), mapped->bytes().begin()));
        }
    }

    void sizeNow_isOfTheMappedFileNotOfItsPath() {
        QVERIFY(test::writeBytes(at("kept"), someBytes(9000)));
        auto mapped = MappedFile::open(at("kept"));
        QVERIFY(mapped.has_value());
        const MappedFile moved = std::move(*mapped);
        QCOMPARE(moved.sizeNow(), std::uint64_t{9000});
        // Another, shorter file takes the name: the mapping is as long as before.
        QVERIFY(test::writeBytes(at("new"), someBytes(10)));
        fs::rename(at("new"), at("kept"));
        QCOMPARE(moved.sizeNow(), std::uint64_t{9000});
        QCOMPARE(moved.bytes()[8999], static_cast<std::byte>(8999 * 7));
    }

    void sizeNow_seesAFileThatShrank() {
        QVERIFY(test::writeBytes(at("cut"), someBytes(9000)));
        const auto mapped = MappedFile::open(at("cut"));
        QVERIFY(mapped.has_value());
        fs::resize_file(at("cut"), 100);
        QCOMPARE(mapped->sizeNow(), std::uint64_t{100});
    }

    void open_keepsReadingADeletedFile() {
        QVERIFY(test::writeBytes(at("gone"), someBytes(9000)));
        const auto mapped = MappedFile::open(at("gone"));
        QVERIFY(mapped.has_value());
        QVERIFY(fs::remove(at("gone")));
        QCOMPARE(mapped->bytes()[8999], static_cast<std::byte>(8999 * 7));
    }

    void move_leavesOneOwner() {
        QVERIFY(test::writeBytes(at("moved"), someBytes(10)));
        auto first = MappedFile::open(at("moved"));
        QVERIFY(first.has_value());
        MappedFile second(std::move(*first));
        QVERIFY(first->bytes().empty());
        QCOMPARE(second.bytes().size(), std::size_t{10});
        *first = std::move(second);
        QCOMPARE(first->bytes().size(), std::size_t{10});
    }

    void open_namesWhatIsWrong() {
        const auto missing = MappedFile::open(at("missing.gguf"));
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::FileNotFound);
        QVERIFY(contains(missing.error(), "missing.gguf"));

        QVERIFY(test::writeBytes(at("plain"), someBytes(3)));
        const auto below = MappedFile::open(at("plain") / "child");
        QVERIFY(!below);
        QCOMPARE(below.error().code, ErrorCode::FileNotFound);

        const auto folder = MappedFile::open(m_folder.path().toStdString());
        QVERIFY(!folder);
        QCOMPARE(folder.error().code, ErrorCode::FileUnreadable);
        QVERIFY(contains(folder.error(), "is a folder"));

        QVERIFY(test::writeBytes(at("empty.gguf"), {}));
        const auto empty = MappedFile::open(at("empty.gguf"));
        QVERIFY(!empty);
        QCOMPARE(empty.error().code, ErrorCode::FileDamaged);
        QVERIFY(contains(empty.error(), "is empty"));

        const auto device = MappedFile::open("/dev/zero");
        QVERIFY(!device);
        QCOMPARE(device.error().code, ErrorCode::FileUnreadable);
        QVERIFY(contains(device.error(), "not a regular file"));

        const auto longName = MappedFile::open(at("x").string() + std::string(5000, 'x'));
        QVERIFY(!longName);
        QCOMPARE(longName.error().code, ErrorCode::FileUnreadable);
    }

    void open_refusesWithoutPermission() {
        QVERIFY(test::writeBytes(at("secret"), someBytes(10)));
        fs::permissions(m_folder.path().toStdString(), fs::perms(0755));
        fs::permissions(at("secret"), fs::perms::none);
        const test::UnprivilegedScope scope;
        if (!scope.isActive()) QSKIP("this system cannot drop privileges for a test");
        const auto refused = MappedFile::open(at("secret"));
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::FileUnreadable);
        QVERIFY(contains(refused.error(), "secret"));
        QVERIFY(contains(refused.error(), "permission"));
    }
};

QTEST_APPLESS_MAIN(MappedFileTest)
#include "mapped_file_test.moc"
