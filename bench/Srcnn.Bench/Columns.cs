using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Srcnn.Engine.Diagnostics;
using Srcnn.Kernels;

namespace Srcnn.Bench;

/// <summary>A column computed from the median time and the workload's operations.</summary>
internal abstract class ComputedColumn(string name, string legend) : IColumn
{
    public string Id => ColumnName;
    public string ColumnName => name;
    public bool AlwaysShow => true;
    public ColumnCategory Category => ColumnCategory.Custom;
    public int PriorityInCategory => 0;
    public bool IsNumeric => true;
    public UnitType UnitType => UnitType.Dimensionless;
    public string Legend => legend;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        if (summary[benchmarkCase]?.ResultStatistics is not { } statistics) return "failed";
        using var host = new HostBackend(1); // only to count operations
        using var work = ((Workload)benchmarkCase.Parameters["Work"]).Open(host);
        return Text(work.Flops / statistics.Median, (string)benchmarkCase.Parameters["Device"]);
    }

    /// <param name="rate">Operations per nanosecond, that is GFLOP/s.</param>
    /// <param name="device">The backend's name.</param>
    protected abstract string Text(double rate, string device);
}

/// <summary>GFLOP/s.</summary>
internal sealed class RateColumn() : ComputedColumn("GFLOP/s", "10⁹ operations per second by the direct count, a multiply–add as two")
{
    protected override string Text(double rate, string device) => rate.ToString("F1", CultureInfo.InvariantCulture);
}

/// <summary>Share of the processor's limit.</summary>
internal sealed class LimitColumn() : ComputedColumn("of FMA peak", "share of this machine's multiply–add peak, measured in the same process")
{
    protected override string Text(double rate, string device) =>
        Settings.CpuDevices.Contains(device) ? (rate / Settings.Peak).ToString("P0", CultureInfo.InvariantCulture) : "-";
}
