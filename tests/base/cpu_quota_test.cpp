#include "base/cpu_quota.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "base/cpu_features.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

constexpr const char* kV2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
constexpr const char* kV1 =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n";
constexpr const char* kHybrid =
    "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
// In a container that shares the groups of its host but sees its own part only.
constexpr const char* kContainer = "30 23 0:26 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n";

}  // namespace

class CpuQuotaTest : public QObject {
    Q_OBJECT
private slots:
    void quota_isTheSmallestUpTheTree_data();
    void quota_isTheSmallestUpTheTree();
    void quota_withoutTheSystemsFilesIsNone();
    void defaultThreads_keepsWithinTheQuota_data();
    void defaultThreads_keepsWithinTheQuota();
    void cpuInfo_takesTheSystemsQuota();

private:
    static void write(const fs::path& path, const std::string& text) {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }
};

// `files`: "path=content" below /sys/fs/cgroup. `quota` 0: none.
void CpuQuotaTest::quota_isTheSmallestUpTheTree_data() {
    QTest::addColumn<QString>("mounts");
    QTest::addColumn<QString>("group");
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<double>("quota");
    const auto row = [](const char* name, const char* mounts, const char* group,
                        const QStringList& files, double quota) {
        QTest::newRow(name) << QString(mounts) << QString(group) << files << quota;
    };
    row("v2", kV2, "0::/a\n", {"a/cpu.max=150000 100000\n"}, 1.5);
    row("v2, no limit", kV2, "0::/a\n", {"a/cpu.max=max 100000\n"}, 0);
    row("v2, its own is the smallest", kV2, "0::/a/b/c\n",
        {"a/cpu.max=800000 100000", "a/b/cpu.max=max 100000", "a/b/c/cpu.max=50000 100000"}, 0.5);
    row("v2, one above is the smallest", kV2, "0::/a/b/c\n",
        {"a/cpu.max=200000 100000", "a/b/cpu.max=800000 200000", "a/b/c/cpu.max=max 100000"}, 2);
    row("v2, that of another group does not count", kV2, "0::/a\n",
        {"a/cpu.max=max 100000", "b/cpu.max=100000 100000", "a/b/cpu.max=100000 100000"}, 0);
    row("v2, in the root of a namespace", kV2, "0::/\n", {"cpu.max=250000 100000\n"}, 2.5);
    row("v2, outside of the namespace", kV2, "0::/../other\n",
        {"cpu.max=300000 100000", "other/cpu.max=100000 100000"}, 3);
    row("v2, a part is mounted", kContainer, "0::/docker/x/y\n",
        {"cpu.max=400000 100000", "y/cpu.max=100000 100000"}, 1);
    row("v2, another part is mounted", kContainer, "0::/docker/z\n",
        {"cpu.max=400000 100000", "z/cpu.max=100000 100000"}, 4);
    row("v2, another period", kV2, "0::/a\n", {"a/cpu.max=75000 50000\n"}, 1.5);
    row("v1", kV1, "5:cpuset:/a\n4:cpu,cpuacct:/b\n0::/c\n",
        {"cpu,cpuacct/b/cpu.cfs_quota_us=150000\n", "cpu,cpuacct/b/cpu.cfs_period_us=100000\n"},
        1.5);
    row("v1, no limit", kV1, "4:cpu,cpuacct:/b\n",
        {"cpu,cpuacct/b/cpu.cfs_quota_us=-1\n", "cpu,cpuacct/b/cpu.cfs_period_us=100000\n"}, 0);
    row("v1, one above is the smallest", kV1, "4:cpu,cpuacct:/b/c\n",
        {"cpu,cpuacct/b/cpu.cfs_quota_us=100000\n", "cpu,cpuacct/b/cpu.cfs_period_us=100000\n",
         "cpu,cpuacct/b/c/cpu.cfs_quota_us=300000\n", "cpu,cpuacct/b/c/cpu.cfs_period_us=100000\n"},
        1);
    row("v1 beside v2", kHybrid, "1:cpu:/a\n0::/b\n",
        {"cpu/a/cpu.cfs_quota_us=200000", "cpu/a/cpu.cfs_period_us=100000",
         "unified/b/cpu.max=300000 100000"},
        2);
    row("nonsense", kV2, "0::/a\n", {"a/cpu.max=1e x\n", "cpu.max=\n"}, 0);
    row("no period", kV2, "0::/a\n", {"a/cpu.max=100000 0\n"}, 0);
    row("no group", kV2, "7\n:\n\n", {"cpu.max=max 100000"}, 0);
}

void CpuQuotaTest::quota_isTheSmallestUpTheTree() {
    QFETCH(QString, mounts);
    QFETCH(QString, group);
    QFETCH(QStringList, files);
    QFETCH(double, quota);
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    write(root / "proc/self/mountinfo",
          "23 1 0:21 / /proc rw - proc proc rw\n" + mounts.toStdString());
    write(root / "proc/self/cgroup", group.toStdString());
    for (const QString& file : files) {
        const qsizetype equals = file.indexOf('=');
        write(root / "sys/fs/cgroup" / file.left(equals).toStdString(),
              file.mid(equals + 1).toStdString());
    }
#ifdef Q_OS_LINUX
    QCOMPARE(cpuQuota(root).value_or(0), quota);
#else
    QSKIP("control groups are Linux's");
#endif
}

void CpuQuotaTest::quota_withoutTheSystemsFilesIsNone() {
#ifdef Q_OS_LINUX
    QTemporaryDir folder;
    QVERIFY(!cpuQuota(folder.path().toStdString()));
#endif
}

void CpuQuotaTest::defaultThreads_keepsWithinTheQuota_data() {
    QTest::addColumn<int>("nCores");
    QTest::addColumn<double>("quota");
    QTest::addColumn<int>("nThreads");
    QTest::newRow("no quota") << 32 << 0.0 << 32;
    QTest::newRow("a whole number") << 32 << 2.0 << 2;
    QTest::newRow("one and a half") << 32 << 1.5 << 2;
    QTest::newRow("less than one") << 32 << 0.1 << 1;
    QTest::newRow("more than there are") << 4 << 6.0 << 4;
    QTest::newRow("nearly all") << 4 << 3.5 << 4;
}

void CpuQuotaTest::defaultThreads_keepsWithinTheQuota() {
    QFETCH(int, nCores);
    QFETCH(double, quota);
    CpuInfo info;
    info.nPhysicalCores = nCores;
    info.nLogicalCores = 2 * nCores;
    info.quota = quota;
    QTEST(info.defaultThreads(), "nThreads");
}

void CpuQuotaTest::cpuInfo_takesTheSystemsQuota() {
#ifdef Q_OS_LINUX
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    write(root / "proc/self/mountinfo", kV2);
    write(root / "proc/self/cgroup", "0::/a\n");
    write(root / "sys/fs/cgroup/a/cpu.max", "150000 100000\n");
    write(root / "proc/cpuinfo", "processor\t: 0\nmodel name\t: A processor\n");
    const CpuInfo info = cpuInfo(root);
    QCOMPARE(info.quota, 1.5);
    QCOMPARE(QString::fromStdString(info.name), QStringLiteral("A processor"));
#else
    QSKIP("control groups are Linux's");
#endif
}

QTEST_APPLESS_MAIN(CpuQuotaTest)
#include "cpu_quota_test.moc"
