namespace Srcnn.Kernels;

/// <summary>Sides of a picture.</summary>
[Flags]
public enum Edges
{
    None = 0,
    Top = 1,
    Left = 2,
    Bottom = 4,
    Right = 8,
    All = Top | Left | Bottom | Right,
}

internal static class EdgesExtensions
{
    /// <summary>Padding only on those sides that are sides of the picture.</summary>
    public static Padding Keep(this Edges edges, Padding padding) => new(
        edges.HasFlag(Edges.Top) ? padding.Top : 0, edges.HasFlag(Edges.Left) ? padding.Left : 0,
        edges.HasFlag(Edges.Bottom) ? padding.Bottom : 0, edges.HasFlag(Edges.Right) ? padding.Right : 0, padding.Mode);
}
