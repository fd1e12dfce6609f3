// What AtomicFile does with targets that are no plain new file: devices, pipes, sockets, links,
// files with a mode of their own, and the files that are being read. Every node lies in the test's
// own folder; the machine's /dev is not touched.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/atomic_file.h"
#include "tests/support/golden_files.h"
#include "tests/support/process_limits.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

// The whole way of a writer.
Status write(const fs::path& target, std::string_view text, const AtomicFileOptions& options = {}) {
    auto file = AtomicFile::create(target, options);
    if (!file) return fail(file.error());
    SOTTO_TRY(file->append(bytesOf(text)));
    return file->commit();
}

struct stat statusOf(const fs::path& path) {
    struct stat status {};
    ::lstat(path.c_str(), &status);
    return status;
}

// Closes on the way out.
struct Descriptor {
    int number = -1;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
    std::string readSome() const {
        std::string text(100, '\0');
        const ssize_t length = ::read(number, text.data(), text.size());
        text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
        return text;
    }
};

}  // namespace

class AtomicFileTargetsTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    QStringList names() const {
        return QDir(m_folder.path())
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                       QDir::Name);
    }
    // A device like /dev/null (minor 3) or /dev/full (7); false where this is not allowed.
    bool makeDevice(const char* name, unsigned minor) const {
        if (::mknod(at(name).c_str(), S_IFCHR | 0666, makedev(1, minor)) != 0) return false;
        const Descriptor device{::open(at(name).c_str(), O_WRONLY)};
        return device.number >= 0;  // a folder mounted with nodev
    }
    void makeFile(const char* name, std::string_view text) const {
        const auto bytes = bytesOf(text);
        QVERIFY(test::writeBytes(at(name), {bytes.begin(), bytes.end()}));
    }

private slots:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        std::signal(SIGPIPE, SIG_IGN);  // as sotto-cli does
        ::umask(022);
    }
    void cleanup() {
        for (const auto& entry : fs::directory_iterator(m_folder.path().toStdString()))
            fs::remove_all(entry.path());
    }

    void device_isWrittenToAndStays() {
        if (!makeDevice("null", 3)) QSKIP("making a device needs root");
        const struct stat before = statusOf(at("null"));
        const Status status = write(at("null"), "gone");
        QVERIFY2(status, status ? "" : status.error().message.c_str());
        QVERIFY(S_ISCHR(statusOf(at("null")).st_mode));
        QCOMPARE(statusOf(at("null")).st_ino, before.st_ino);
        // Also when it is given up on the way.
        QVERIFY(AtomicFile::create(at("null")).has_value());
        QCOMPARE(names(), QStringList{"null"});
        // A link to it leads there too.
        fs::create_symlink("null", at("link"));
        QVERIFY(write(at("link"), "gone").has_value());
        QVERIFY(S_ISCHR(statusOf(at("null")).st_mode));
        QVERIFY(S_ISLNK(statusOf(at("link")).st_mode));
        QCOMPARE(names(), QStringList({"link", "null"}));
    }

    void fullDevice_saysThatThereIsNoRoom() {
        if (!makeDevice("full", 7)) QSKIP("making a device needs root");
        const Status status = write(at("full"), "x");
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::DiskFull);
        QVERIFY(status.error().message.find("no room") != std::string::npos);
        QVERIFY(S_ISCHR(statusOf(at("full")).st_mode));
        QCOMPARE(names(), QStringList{"full"});
    }

    void pipe_isWrittenToAndStays() {
        QCOMPARE(::mkfifo(at("pipe").c_str(), 0600), 0);
        const Descriptor reader{::open(at("pipe").c_str(), O_RDONLY | O_NONBLOCK)};
        QVERIFY(reader.number >= 0);
        const Status status = write(at("pipe"), "through");
        QVERIFY2(status, status ? "" : status.error().message.c_str());
        QCOMPARE(reader.readSome(), std::string("through"));
        QVERIFY(S_ISFIFO(statusOf(at("pipe")).st_mode));
        QCOMPARE(names(), QStringList{"pipe"});
    }

    void pipeWithoutReader_isNamed() {
        QCOMPARE(::mkfifo(at("pipe").c_str(), 0600), 0);
        Descriptor reader{::open(at("pipe").c_str(), O_RDONLY | O_NONBLOCK)};
        auto file = AtomicFile::create(at("pipe"));
        QVERIFY(file.has_value());
        ::close(std::exchange(reader.number, -1));
        const Status status = file->append(bytesOf("lost"));
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::Io);
        QVERIFY(status.error().message.find("nobody reads") != std::string::npos);
    }

    void socket_isWrittenTo() {
        const Descriptor listener{::socket(AF_UNIX, SOCK_STREAM, 0)};
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string name = at("socket").string();
        QVERIFY(name.size() < sizeof address.sun_path);
        std::memcpy(address.sun_path, name.c_str(), name.size());
        QCOMPARE(::bind(listener.number, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        // Nobody listens yet.
        QCOMPARE(write(at("socket"), "x").error().code, ErrorCode::Io);
        QCOMPARE(::listen(listener.number, 1), 0);
        const Status status = write(at("socket"), "through");
        QVERIFY2(status, status ? "" : status.error().message.c_str());
        const Descriptor reader{::accept(listener.number, nullptr, nullptr)};
        QCOMPARE(reader.readSome(), std::string("through"));
        QVERIFY(S_ISSOCK(statusOf(at("socket")).st_mode));
        QCOMPARE(names(), QStringList{"socket"});
    }

    // `--out /dev/stdout > file`: the file goes on where it stands.
    void ownOpenFile_isWrittenToWhereItStands() {
        if (!fs::exists("/proc/self/fd")) QSKIP("this system has no /proc");
        const Descriptor file{::open(at("log").c_str(), O_RDWR | O_CREAT, 0600)};
        QCOMPARE(::write(file.number, "before ", 7), ssize_t{7});
        const ino_t before = statusOf(at("log")).st_ino;
        for (const std::string folder : {"/proc/self/fd/", "/dev/fd/"}) {
            if (!fs::exists(folder)) continue;
            const Status status = write(folder + std::to_string(file.number), "middle ");
            QVERIFY2(status, status ? "" : status.error().message.c_str());
        }
        QCOMPARE(::write(file.number, "after", 5), ssize_t{5});
        QVERIFY(test::readText(at("log")).starts_with("before middle "));
        QVERIFY(test::readText(at("log")).ends_with("middle after"));
        QCOMPARE(statusOf(at("log")).st_ino, before);
        QCOMPARE(names(), QStringList{"log"});
    }

    void link_staysAndItsTargetIsReplaced() {
        fs::create_directory(at("folder"));
        makeFile("folder/file", "old");
        fs::create_symlink("folder/file", at("near"));
        fs::create_symlink(at("near"), at("far"));
        const Status status = write(at("far"), "new");
        QVERIFY2(status, status ? "" : status.error().message.c_str());
        QVERIFY(S_ISLNK(statusOf(at("far")).st_mode));
        QVERIFY(S_ISLNK(statusOf(at("near")).st_mode));
        QCOMPARE(test::readText(at("folder/file")), std::string("new"));
        QCOMPARE(std::distance(fs::directory_iterator(at("folder")), fs::directory_iterator()),
                 std::ptrdiff_t{1});
    }

    void linkToNothing_makesTheFileThatItNames() {
        fs::create_symlink("later", at("link"));
        QVERIFY(write(at("link"), "new").has_value());
        QVERIFY(S_ISLNK(statusOf(at("link")).st_mode));
        QCOMPARE(test::readText(at("later")), std::string("new"));
        fs::create_symlink("no/such/folder", at("lost"));
        QCOMPARE(write(at("lost"), "x").error().code, ErrorCode::FileNotFound);
        QVERIFY(S_ISLNK(statusOf(at("lost")).st_mode));
    }

    void linksInACircle_areRefused() {
        fs::create_symlink("b", at("a"));
        fs::create_symlink("a", at("b"));
        const Status status = write(at("a"), "x");
        QVERIFY(!status);
        QVERIFY(status.error().message.find("circle") != std::string::npos);
        QCOMPARE(names(), QStringList({"a", "b"}));
    }

    void linkToAFolder_isRefused() {
        fs::create_directory(at("folder"));
        fs::create_symlink("folder", at("link"));
        QCOMPARE(write(at("link"), "x").error().code, ErrorCode::InvalidArgument);
        QVERIFY(fs::is_empty(at("folder")));
    }

    void olderFile_handsItsModeAndOwnerOn() {
        for (const unsigned mode : {0600u, 0640u, 0755u, 0666u}) {
            makeFile("file", "old");
            fs::permissions(at("file"), static_cast<fs::perms>(mode));
            const bool isRoot = ::geteuid() == 0;
            if (isRoot) QCOMPARE(::chown(at("file").c_str(), 65534, 65534), 0);
            QVERIFY(write(at("file"), "new").has_value());
            QCOMPARE(statusOf(at("file")).st_mode & 07777, mode);
            QCOMPARE(test::readText(at("file")), std::string("new"));
            if (isRoot) QCOMPARE(statusOf(at("file")).st_uid, uid_t{65534});
            if (isRoot) QCOMPARE(statusOf(at("file")).st_gid, gid_t{65534});
        }
        QVERIFY(write(at("fresh"), "new").has_value());
        QCOMPARE(statusOf(at("fresh")).st_mode & 07777, 0644u);  // as the umask says
    }

    void readOnlyFile_isRefused() {
        makeFile("file", "kept");
        fs::permissions(at("file"), fs::perms(0444));
        fs::permissions(m_folder.path().toStdString(), fs::perms(0777));
        {
            const test::UnprivilegedScope scope;
            if (!scope.isActive()) QSKIP("this system cannot drop privileges for a test");
            const Status status = write(at("file"), "x");
            QVERIFY(!status);
            QCOMPARE(status.error().code, ErrorCode::ReadOnly);
        }
        QCOMPARE(test::readText(at("file")), std::string("kept"));
        QCOMPARE(names(), QStringList{"file"});
    }

    void inputs_areRefusedByEveryName_data() {
        QTest::addColumn<QString>("target");
        for (const char* name : {"model", "soft", "softer", "hard", "folder/../model"})
            QTest::newRow(name) << name;
    }

    void inputs_areRefusedByEveryName() {
        QFETCH(QString, target);
        makeFile("model", "weights");
        fs::create_directory(at("folder"));
        fs::create_symlink("model", at("soft"));
        fs::create_symlink(at("soft"), at("softer"));
        fs::create_hard_link(at("model"), at("hard"));
        const QStringList before = names();
        AtomicFileOptions options;
        options.inputs = {at("not there"), at("soft")};
        const Status status = write(at(qPrintable(target)), "x", options);
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::InvalidArgument);
        QVERIFY(status.error().message.find("is what is being read") != std::string::npos);
        QCOMPARE(test::readText(at("model")), std::string("weights"));
        QCOMPARE(names(), before);
        // Another file is none of them.
        QVERIFY(write(at("other"), "x", options).has_value());
    }
};

QTEST_APPLESS_MAIN(AtomicFileTargetsTest)
#include "atomic_file_targets_test.moc"
