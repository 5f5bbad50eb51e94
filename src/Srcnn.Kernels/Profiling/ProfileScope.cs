namespace Srcnn.Kernels;

/// <summary>A piece of work in progress on one thread. Made by <see cref="Profile.Begin"/>.</summary>
public sealed class ProfileScope : IDisposable
{
    [ThreadStatic]
    private static ProfileScope? innermost;

    private readonly Profile profile;
    private readonly ProfileScope? outer;
    private readonly string name;
    private readonly double flops, bytes;
    private readonly long start;
    private long within;

    internal ProfileScope(Profile profile, string name, double flops, double bytes)
    {
        (this.profile, this.name, this.flops, this.bytes, outer) = (profile, name, flops, bytes, innermost);
        innermost = this;
        start = profile.Now;
    }

    /// <summary>What this thread is at: kernels that it launches belong to it. Empty outside any scope.</summary>
    internal static string Current => innermost?.name ?? "";

    /// <inheritdoc/>
    public void Dispose()
    {
        var end = profile.Now;
        innermost = outer;
        if (outer is not null) outer.within += end - start;
        profile.Add(new ProfileSpan(name, "", 0, start, end, flops, bytes), own: end - start - within);
    }
}
